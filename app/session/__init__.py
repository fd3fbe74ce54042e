"""Who is here, what they have open, and the work that goes on for them."""
