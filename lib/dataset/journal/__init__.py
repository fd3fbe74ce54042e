"""What a tag file held before and after each change, in SQLite: written down before anything is written."""
