"""How readers come to follow, see and change what they follow, and leave."""
