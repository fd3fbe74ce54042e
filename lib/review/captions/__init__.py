"""What is wrong with a caption by itself: empty, cut off, too long, said twice, in another language than the rest."""
