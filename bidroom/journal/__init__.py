"""Where a room's events are kept. Every backend keeps the one contract of `bidroom.journal.journal.Journal`."""
