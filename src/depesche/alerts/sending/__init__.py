"""The courier and what helps it: loads, the last look, its journal, rests of domains, digests."""
