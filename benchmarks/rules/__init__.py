"""Row 11: the rules alone, without a server around them."""
