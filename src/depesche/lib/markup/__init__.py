"""HTML made safe and simple."""
