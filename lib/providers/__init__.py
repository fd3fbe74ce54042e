"""Captioning models, wherever they run: a pure request for each service, one sender for all of them."""
