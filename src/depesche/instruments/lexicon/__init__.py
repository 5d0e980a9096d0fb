"""The words of names: what belongs to a name, how it is folded, and where it stands in copy."""
