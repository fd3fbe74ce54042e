"""What is in a folder: its images with their captions, as fast as reading allows, and what is wrong with them."""
