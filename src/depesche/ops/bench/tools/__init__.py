"""What benches are built of: meters, other programs beside them, and plain ways to check against."""
