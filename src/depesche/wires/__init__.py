"""The incoming side: doors, spool and wire formats."""
