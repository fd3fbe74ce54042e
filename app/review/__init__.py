"""The Review page: what is wrong with a dataset, worst first, and how it is mended."""
