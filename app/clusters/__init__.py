"""The Clusters page: a map of what is alike."""
