"""Other programs' datasets, taken into a folder of images with tag files: one file a format, `registry` knows them all.

A source is a tree of files, in a folder or in archives. Images are copied beside the target under a hidden name;
captions come from tag files, from a json beside an image, and from tables. Then the images get their names, and all
captions are one operation that can be taken back.
"""
