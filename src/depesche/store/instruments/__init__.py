"""The register of instruments, and where stories mention them."""
