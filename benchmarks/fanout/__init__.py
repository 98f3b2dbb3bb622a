"""Rows 5 to 10: what it costs to tell a thousand watchers, next to a loop in C, to libraries and to relays."""
