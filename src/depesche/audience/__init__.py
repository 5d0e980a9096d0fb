"""What readers do: honest view counts and also-read lists."""
