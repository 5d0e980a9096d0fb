"""What is read, in sums."""
