"""The register of shares and the linker that finds them in copy."""
