"""The tables of captions that are known by their content: one file a kind."""
