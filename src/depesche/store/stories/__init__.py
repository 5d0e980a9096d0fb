"""Stories: their versions, pictures and topics, what ties them together, and the journal of what became of them."""
