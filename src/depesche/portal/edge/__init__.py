"""The edge: what is printed or kept is answered here, before routing."""
