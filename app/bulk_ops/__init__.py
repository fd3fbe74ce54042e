"""The Bulk Ops page: many captions at once."""
