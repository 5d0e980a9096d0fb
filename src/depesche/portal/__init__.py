"""The public site: pages, feeds, the page store and the beacon."""
