"""A mutation run: the code is broken in one small place at a time, to see whether a test fails. `make mutants`."""
