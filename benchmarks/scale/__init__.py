"""Rows 11 to 14: the rules alone, restarting, a crowd that comes back, and many rooms."""
