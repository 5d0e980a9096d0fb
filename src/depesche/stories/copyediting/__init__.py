"""The copydesk: what copy says about itself is read and taken out of it, and nothing is lost."""
