"""The errors that a person at the command line sees: one clear line, and exit status 2."""


class BidroomError(Exception):
    """Something that the person who runs the command can put right; its text says what was wrong and what to do."""
