"""The web as strangers offer it: guarded fetching and posting."""
