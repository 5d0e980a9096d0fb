"""What comes in: items as received and as read, and how the doors are doing."""
