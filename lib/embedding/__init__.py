"""Turns captions and pictures into vectors, and keeps every vector that was ever made."""
