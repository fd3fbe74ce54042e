"""The heavy stages as parts that any engine may hand out: a source is cut, each part becomes one file of the sink."""
