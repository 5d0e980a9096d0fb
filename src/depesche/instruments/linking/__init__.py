"""The linker: evidence from names and codes, scored into mentions."""
