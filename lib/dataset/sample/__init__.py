"""The sample dataset: small scenes drawn on the spot, with captions."""
