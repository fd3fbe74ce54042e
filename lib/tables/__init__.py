"""Datasets that are tables: Parquet with captions, opened as a folder is, and never changed but by a person's word."""
