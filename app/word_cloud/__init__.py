"""The Word Cloud page: which words there are, and how often."""
