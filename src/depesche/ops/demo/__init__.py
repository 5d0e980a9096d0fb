"""The demo: an invented world of news, played through the newsroom's real doors."""
