"""Mail as it is sent: letters, addresses, signatures, and the conversation with a server."""
