"""A dataset's samples, written out for other programs: one file a format, `registry` knows them all.

First a plan (what goes out, what is left out and why), then `export`, which writes under a hidden name, reads it all
back, and only then gives the export its name. `verify` reads an export again at any later time.
"""
