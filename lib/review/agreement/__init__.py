"""Whether a caption fits its picture: scorers behind one interface, and what is found in their scores."""
