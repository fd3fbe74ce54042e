"""The History page: what was done, undone and done again."""
