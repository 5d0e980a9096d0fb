"""What the commands of the operator and the editors do and print."""
