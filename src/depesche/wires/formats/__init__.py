"""One module per wire format; each offers itself as FORMAT."""
