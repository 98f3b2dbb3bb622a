"""The output that never makes the server wait, with real pipes."""

import os
import threading

import pytest

from bidroom.terminal.unblocked import MAX_WAITING, Unblocked


def test_an_output_that_nobody_reads_never_blocks_and_says_the_rest_when_read() -> None:
    reading, writing = os.pipe()
    output = Unblocked(os.fdopen(writing, "w"))
    print("first", file=output)
    for _ in range(3 * MAX_WAITING // 1000):
        print("x" * 999, file=output)  # more than the pipe and the waiting room hold together
    assert output.busy
    taken: list[str] = []

    def read() -> None:
        with os.fdopen(reading) as lines:
            taken.extend(lines)

    reader = threading.Thread(target=read)
    reader.start()
    output.drain(60)
    assert not output.busy
    output._file.close()
    reader.join()
    assert taken[0] == "first\n"
    assert MAX_WAITING // 1000 <= len(taken) < 3 * MAX_WAITING // 1000


def test_an_output_whose_reader_is_gone_is_quiet() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    file = os.fdopen(writing, "w")
    output = Unblocked(file)
    print("to nobody", file=output)
    output.drain(60)
    assert not output.busy
    with pytest.raises(BrokenPipeError):
        file.close()
