"""The nouns of the newsroom; standard library only."""
