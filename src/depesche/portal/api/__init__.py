"""The JSON API: public stories, instruments, searches, counts and changes, for programs.

`gate` admits a request, `application` describes and routes it, and what it answers is made by one module a noun.
"""
