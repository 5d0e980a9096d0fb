"""What stands around a name: asides, namesakes, people, lands, and the setting of the story."""
