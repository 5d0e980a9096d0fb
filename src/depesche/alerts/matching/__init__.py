"""Who is to hear of a story."""
