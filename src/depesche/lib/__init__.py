"""Tools that know nothing of news."""
