"""Folders of images and their tag files: finding, reading, saving, and keeping them whole."""
