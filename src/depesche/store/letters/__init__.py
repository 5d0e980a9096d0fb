"""What readers are sent, and what came back."""
