"""Where a user may look, and what the server keeps for them: allowed folders, uploads, hidden folders."""
