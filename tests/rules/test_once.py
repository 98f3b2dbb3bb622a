"""At most once: an answer log against a list of everything that was ever answered."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bidroom.rules.answers import Accepted, Reason, Refused
from bidroom.rules.commands import Bid, Registration
from bidroom.rules.events import CommandRef
from bidroom.rules.once import KEPT_ANSWERS, AnswerLog, reference
from tests.rules.versus import a_bid


def asked(id: int, content: str = "same") -> Bid:
    """A command with this id; its content is the same for the same word."""
    return a_bid("Ana", id, content)


def full_log() -> AnswerLog[Accepted]:
    """A log of the commands 1 to 40, of which 9 to 40 are kept."""
    log: AnswerLog[Accepted] = AnswerLog()
    for id in range(1, 41):
        assert log.recall(asked(id)) is None
        log.keep(id, asked(id), Accepted(id, 100 + id))
    return log


def test_a_resent_command_gets_its_first_answer_again():
    assert full_log().recall(asked(40)) == Accepted(40, 140)


def test_a_refusal_is_kept_as_well():
    log: AnswerLog[Refused] = AnswerLog()
    log.keep(1, asked(1), Refused(1, Reason.TOO_LOW, 110))
    assert log.recall(asked(1)) == Refused(1, Reason.TOO_LOW, 110)


def test_the_same_id_with_other_content_is_a_conflict():
    assert full_log().recall(asked(40, "other")) == Refused(40, Reason.ID_CONFLICT)


def test_the_last_32_answers_are_kept_and_older_ids_are_stale():
    assert KEPT_ANSWERS == 32
    log = full_log()
    assert log.recall(asked(9)) == Accepted(9, 109)
    assert log.recall(asked(8)) == Refused(8, Reason.STALE_ID)


def test_an_id_that_was_skipped_is_stale():
    log: AnswerLog[Accepted] = AnswerLog()
    log.keep(7, asked(7), Accepted(7, 1))
    assert log.recall(asked(6)) == Refused(6, Reason.STALE_ID)
    assert log.recall(asked(0)) == Refused(0, Reason.STALE_ID)
    assert log.recall(asked(8)) is None


@given(
    st.lists(st.tuples(st.integers(-2, 40), st.sampled_from(["one", "two"]), st.booleans()), max_size=200),
    st.integers(1, 5),
)
def test_as_a_list_of_everything_would(commands: list[tuple[int, str, bool]], stride: int):
    """Ids move up by `back` below the highest (or by a stride above it), so that all ages of ids are asked for.

    It is the same whether a command is kept itself, or its digest, which is what a restart leaves of it.
    """
    log: AnswerLog[int] = AnswerLog()
    everything: list[tuple[int, str]] = []  # the place in this list is the answer
    for back, content, itself in commands:
        highest = max([id for id, _ in everything], default=0)
        id = highest - back if back >= 0 else highest - back * stride
        command = asked(id, content)
        kept = everything[-KEPT_ANSWERS:]
        if id > highest:
            expected = None
        elif (id, content) in kept:
            expected = everything.index((id, content))
        elif id in [each for each, _ in kept]:
            expected = Refused(id, Reason.ID_CONFLICT)
        else:
            expected = Refused(id, Reason.STALE_ID)
        assert log.recall(command) == expected
        if expected is None:
            log.keep(id, command if itself else reference(command).digest, len(everything))
            everything.append((id, content))
        assert log.last_id == max([id for id, _ in everything], default=0)


def test_the_digest_tells_content_apart_and_nothing_else():
    bid = a_bid("Ana", 1, "lamp", 100, 1)
    assert len(reference(bid).digest) == 16
    other = [
        replace(bid, item="desk"),
        replace(bid, amount=101),
        replace(bid, unit=2),
        replace(bid, unit=None),
    ]
    assert len({reference(each).digest for each in [bid, *other]}) == 5
    again = replace(bid, id=2, registration=Registration("another", "another"))
    assert reference(again).digest == reference(bid).digest


def test_the_digest_is_the_same_in_every_process_and_version():
    """It stands in journals: a resent command must be known again after an upgrade."""
    assert reference(a_bid("Ana", 1, "lamp", 100, 1)) == CommandRef(1, "4d644b370e088dbe")
