"""`bidroom new`: a sample catalogue to begin with."""

from pathlib import Path

from bidroom.catalogue import SAMPLE
from bidroom.errors import BidroomError
from bidroom.terminal.show import say


def write_sample(path: Path) -> int:
    """Write the sample to a new file; exit status 0. Raises BidroomError where the file exists or can't be written."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(SAMPLE)
    except FileExistsError:
        raise BidroomError(f"{path} exists already and is left alone; name another file") from None
    except OSError as error:
        raise BidroomError(f"{path}: {error.strerror}") from None
    say(f"Wrote {path}. Change it to your liking, then: bidroom serve {path}")
    return 0
