"""The demo's pictures, as programs."""
