"""The fields of a query, `name:value`: what each is true of, what is said of it, and what it can be completed with."""
