"""What runs, watches and shows the newsroom: worker, health, demo."""
