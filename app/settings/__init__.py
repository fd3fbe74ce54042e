"""The Settings page: one's own keys and theme, and for administrators what this server holds and does."""
