"""Rows 1 to 4: what an accepted bid costs, next to Redis and PostgreSQL, and how long it takes at a given rate."""
