"""What leaves the portal for other programs: feeds, sitemaps, previews, widgets, pings."""
