"""The same work without a browser: one file for each kind of command."""
