"""What benches measure with: invented issuers, stories, items and searches, seeded."""
