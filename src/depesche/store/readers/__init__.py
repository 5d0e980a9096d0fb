"""Who reads: followers, what they follow and agreed to, and the keys of partners."""
