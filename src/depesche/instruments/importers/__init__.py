"""One module per source of instruments; each offers itself as IMPORTER."""
