"""What can go wrong in a way that a person can put right: one clear line."""


class BenchmarkError(Exception):
    """A benchmark can't be run, or its figures would not be true; the text says why."""


class Missing(BenchmarkError):
    """Something has to be installed first; the text says what and how."""
