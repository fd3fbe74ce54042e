"""What a dataset shows often, rarely and never together, and which few images tell most of it."""
