"""Who is let in, by which name, and as whom: decided from what a request says, before a page is touched."""
