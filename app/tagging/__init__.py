"""The Tagging page: one image at a time."""
