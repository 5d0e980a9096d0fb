"""One module per kind of public page."""
