"""What wire formats share: encodings, XML, JSON, feeds, teletype, times, vocabularies."""
