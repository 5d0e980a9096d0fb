"""Subscriptions, decisions and letters."""
