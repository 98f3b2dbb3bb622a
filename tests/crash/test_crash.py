"""The real server, killed in the middle of its work: nothing acknowledged is lost, nothing counts twice."""

import pytest

from tests.crash.auditor import WHAT_IT_LEADS_TO
from tests.crash.kill import kill

SELDOM = {"remove_bidder", "buy_now"}
"""What may not happen at all in so short a run."""


@pytest.mark.timeout(300)
async def test_thirty_kills():
    tally = await kill(30, seed=2026)
    assert not tally.faults
    assert tally.kills == 30
    assert tally.acknowledged["bid"] > 500
    assert tally.acknowledged["max_bid"] > 100
    assert tally.acknowledged["void_bid"] > 50
    assert tally.sales > 50
    assert not set(WHAT_IT_LEADS_TO) - set(tally.acknowledged) - SELDOM
