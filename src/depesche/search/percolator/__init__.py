"""Saved searches, and which of a million of them a story meets."""
