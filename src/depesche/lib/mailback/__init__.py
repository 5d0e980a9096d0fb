"""Mail as it comes back: reports, boxes, and logs."""
