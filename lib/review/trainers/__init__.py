"""What the programs that read a dataset demand of it: a profile each, as data, and what breaks its rules."""
