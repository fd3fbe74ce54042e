"""The Keyword Filter page: samples by what their captions say."""
