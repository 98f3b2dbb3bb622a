"""Row 12: how soon a server with a long past is there again."""
