"""Bidroom: a real-time bidding room where an acknowledged bid is durable, counted once, in the published order."""
