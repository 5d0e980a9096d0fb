"""The editors' side of the desk."""
