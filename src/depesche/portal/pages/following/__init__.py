"""Pages on which readers follow, see and change what they follow, and leave."""
