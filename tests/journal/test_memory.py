"""The faults that the journal in memory has at will, for tests of what builds on it."""

import pytest

from bidroom.journal.journal import JournalUnavailable
from bidroom.journal.memory import Fault, MemoryJournal
from tests.journal.story import Story


@pytest.mark.parametrize(("fault", "there"), [(Fault.LOST, False), (Fault.KEPT, True)])
async def test_a_fault_leaves_the_outcome_unknown_until_it_has_recovered(fault: Fault, there: bool):
    journal = MemoryJournal()
    story = Story("hall")
    opened = story.open()
    fence = await journal.append("hall", journal.start, opened)
    more = story.bids(1)
    journal.fault = fault
    with pytest.raises(JournalUnavailable):
        await journal.append("hall", fence, more)
    with pytest.raises(JournalUnavailable):
        await journal.recover()
    journal.fault = None
    with pytest.raises(JournalUnavailable):
        await journal.read("hall", journal.start)
    await journal.recover()
    page = await journal.read("hall", journal.start)
    assert page.entries == (opened + more if there else opened)
