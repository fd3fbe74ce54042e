"""What is drawn by our own JavaScript, and the scatter. Elements know values, no datasets."""
