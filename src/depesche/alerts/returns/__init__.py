"""What comes back: reports on letters, what they mean, and who is not mailed any more."""
