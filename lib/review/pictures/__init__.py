"""What is wrong with a picture by itself, measured once on a bounded decoding and kept by its content."""
