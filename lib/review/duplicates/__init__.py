"""Images that are nearly the same: equal pixels, alike, or one cut out of the other."""
