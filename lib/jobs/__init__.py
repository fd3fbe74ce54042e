"""Work that outlives a click. What a job does is injected from above."""
