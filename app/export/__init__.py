"""The Export page: datasets out and in."""
