"""One module per way to reach a subscriber; each offers itself as CHANNEL."""
