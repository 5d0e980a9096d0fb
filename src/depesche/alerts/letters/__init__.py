"""What is written to readers: letters, pushes, posts, and their words."""
