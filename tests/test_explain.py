"""Explanations: every reason there is, in the words in which a treasurer reads it, and none that is not so."""

import re
from collections.abc import Sequence

import pytest

from bidroom.errors import BidroomError
from bidroom.explain import Question, Sentence, ask, explain
from bidroom.rules.act import act
from bidroom.rules.commands import (
    AnswerOffer,
    Bid,
    BuyNow,
    CancelMax,
    EndOutage,
    MaxBid,
    MeetDeadline,
    OpenRoom,
    Registration,
    Reserve,
)
from bidroom.rules.control import (
    AddItem,
    BidFor,
    CancelSale,
    CloseRoom,
    Extend,
    Invite,
    Pause,
    RemoveBidder,
    Reopen,
    Resume,
    SetBudget,
    VoidBid,
    Withdraw,
)
from bidroom.rules.decide import Command
from bidroom.rules.events import AnyEvent, BidAccepted, RoundOpened, UnitSold
from bidroom.rules.item import Closing, ItemTerms, LiveClosing, RoomTerms, TimedClosing
from bidroom.rules.state import RoomState
from tests.busy_sale import BusySale

AT = 1_800_000_000_000
TOKEN = Registration("00" * 32, "a1" * 16)
LIVE = LiveClosing(window_ms=10_000, opening_ms=60_000)
TIMED = TimedClosing(window_ms=5_000, duration_ms=30_000)


def clock(at: int) -> str:
    return f"+{at - AT}"


class Hall:
    """A lamp from 10.00 EUR in steps of 1.00, and Ana, Bo and Cem, who are known by name."""

    def __init__(
        self,
        closing: Closing = LIVE,
        *,
        reserve: int | None = None,
        units: int = 1,
        room_each: int | None = None,
        **terms,
    ) -> None:
        self.state = RoomState(at=AT)
        self.events: list[AnyEvent] = []
        self.id = 0
        lamp = ItemTerms("lamp", "Desk lamp", 10_00, 1_00, units, closing, reserve=reserve is not None, **terms)
        reserves = () if reserve is None else (Reserve("lamp", reserve, "5a"),)
        room = RoomTerms(
            "gala", "Gala", "EUR", (lamp, ItemTerms("mug", "Mug", 1_00, 10, 1, LIVE)), units_each=room_each
        )
        self.do(OpenRoom(room, reserves))
        for name in ("Ana", "Bo", "Cem"):
            self.do(Invite(by="Zoe", bidder=name, token_hash="00", salt="5a"))

    def do(self, command: Command, after_ms: int = 1000) -> Sequence[AnyEvent]:
        events = act(self.state, command, self.state.at + after_ms).events
        assert events, command
        self.events += events
        return events

    def bid(self, bidder: str, amount: int, after_ms: int = 1000) -> int:
        self.id += 1
        return self.do(Bid(bidder, self.id, "lamp", amount, None, TOKEN), after_ms)[0].seq

    def max(self, bidder: str, amount: int, units: int = 1) -> None:
        self.id += 1
        self.do(MaxBid(bidder, self.id, "lamp", amount, units, TOKEN))

    def hammer(self) -> int:
        """Let the lamp's clock run out; the number of the first event."""
        due_at = self.state.items["lamp"].due_at
        assert due_at is not None
        return self.do(MeetDeadline("lamp"), due_at - self.state.at)[0].seq

    def told(self, bidder: str | None = None, unit: int | None = None) -> list[str]:
        return [
            sentence.text if sentence.at is None else f"{clock(sentence.at)} {sentence.text}"
            for sentence in explain(self.events, Question("lamp", unit, bidder), clock)
        ]

    def price(self) -> str:
        (text,) = (text for text in self.told() if text.startswith("Why this price: "))
        return text.removeprefix("Why this price: ")

    def why_not(self, bidder: str) -> str:
        (text,) = (text for text in self.told(bidder) if text.startswith(f"And {bidder}? "))
        return text.removeprefix(f"And {bidder}? ")


def test_a_round_by_hand_from_its_opening_to_its_price():
    hall = Hall()
    hall.bid("Ana", 10_00)
    hall.bid("Bo", 12_50)
    hall.hammer()
    assert hall.told() == [
        "Desk lamp (lamp) in Gala: 1 unit, from 10.00 EUR up.",
        "+1000 The room opened the bidding for unit 1, from 10.00 EUR up. It was to close at +61000 if nobody bid. "
        "After each bid, others had 10 s to bid more.",
        "+5000 Ana bid 10.00 EUR by hand, and led.",
        "+6000 Bo bid 12.50 EUR by hand, and led.",
        "+16000 The round closed, and the unit was sold to Bo for 12.50 EUR.",
        "Why this price: the price is what Bo bid by hand; nobody bid more before the close.",
    ]
    assert hall.why_not("Ana") == "The best bid of Ana was 10.00 EUR, by hand, at +5000. Bo outbid it by 2.50 EUR."
    assert hall.why_not("Bo") == "Bo did get it."
    assert hall.why_not("Cem").startswith("Cem made no bid for this unit that counted. Refused bids are not on record")


def test_the_price_is_one_step_above_the_second_highest_maximum():
    hall = Hall()
    hall.max("Ana", 20_00)
    hall.max("Bo", 50_00)
    hall.hammer()
    told = hall.told()
    assert "+5000 Ana left a maximum of 20.00 EUR, which nobody else saw." in told
    assert (
        "+5000 The room bid 10.00 EUR for Ana, by the maximum of 20.00 EUR that they left at +5000; they led." in told
    )
    assert "+6000 The room bid 21.00 EUR for Bo, by the maximum of 50.00 EUR that they left at +6000; they led." in told
    assert hall.price() == (
        "Ana went up to 20.00 EUR. One step of 1.00 EUR above that is 21.00 EUR; Bo had allowed up to 50.00 EUR."
    )
    assert hall.why_not("Ana") == (
        "The best bid of Ana was 10.00 EUR, by a maximum, at +5000. Bo outbid it by 11.00 EUR. "
        "The maximum of Ana at the close was 20.00 EUR: 1.00 EUR less than the price."
    )


def test_of_equal_maximums_the_earlier_one_leads():
    hall = Hall()
    hall.max("Ana", 20_00)
    hall.max("Bo", 20_00)
    hall.hammer()
    assert hall.price() == (
        "Bo went up to 20.00 EUR. Ana went equally far, and of equal amounts the earlier one leads: "
        "the maximum of Ana was left at +5000, what Bo offered was left at +6000."
    )
    assert "Ana had gone equally far before, and of equal amounts the earlier one leads." in hall.why_not("Bo")
    assert "that far for them, and no further" in hall.why_not("Bo")


def test_a_bid_by_hand_does_not_beat_an_equal_maximum():
    hall = Hall()
    hall.max("Ana", 20_00)
    hall.bid("Bo", 20_00)
    hall.hammer()
    assert hall.price().endswith("the maximum of Ana was left at +5000, what Bo offered was made at +6000.")


def test_a_maximum_may_end_in_a_short_step():
    hall = Hall()
    hall.max("Ana", 20_00)
    hall.max("Bo", 20_40)
    hall.hammer()
    assert hall.price() == (
        "Ana went up to 20.00 EUR. Bo could go up to 20.40 EUR, which is more, though by less than a full step: "
        "that is the price."
    )


def test_a_maximum_alone_pays_the_starting_price_or_the_reserve():
    for reserve, price, words in (
        (None, "10.00", "so it is the starting price"),
        (15_00, "15.00", "it is the reserve"),
    ):
        hall = Hall(reserve=reserve)
        hall.max("Ana", 30_00)
        hall.hammer()
        assert words in hall.price()
        assert hall.price().endswith("; Ana would have gone up to 30.00 EUR.")
        assert any(f"sold to Ana for {price} EUR" in text for text in hall.told())


def test_a_reserve_that_is_met_and_one_that_is_not():
    hall = Hall(reserve=25_00)
    hall.max("Ana", 20_00)
    hall.max("Bo", 40_00)
    assert hall.told()[-2].endswith("they led. That met the reserve.")
    hall.hammer()
    assert "The item has a reserve of 25.00 EUR" in hall.told()[1]
    assert hall.price() == (
        "Ana went up to 20.00 EUR. The price is the reserve, 25.00 EUR, which the maximum of Bo reached."
    )
    hall = Hall(reserve=25_00)
    hall.bid("Ana", 20_00)
    hall.hammer()
    assert hall.told()[-1].endswith(
        "The round closed at 20.00 EUR, below the reserve of 25.00 EUR, so the unit was not sold."
    )
    assert hall.why_not("Ana") == "The best bid of Ana was 20.00 EUR, by hand, at +5000. Nobody got the unit."


def test_a_leader_whose_new_maximum_reaches_the_reserve():
    hall = Hall(reserve=25_00)
    hall.bid("Ana", 20_00)
    hall.max("Ana", 30_00)
    hall.hammer()
    assert "The room raised the bid of Ana to 25.00 EUR, by the maximum of 30.00 EUR" in hall.told()[-3]
    assert hall.price().startswith("it is the reserve")


def test_the_fixed_price():
    hall = Hall(buy_now=40_00)
    hall.do(BuyNow("Ana", 1, "lamp", 1, TOKEN))
    assert hall.told()[-2] == "+5000 Ana took the unit at its fixed price, 40.00 EUR, and the round closed."
    assert not any("by hand" in text for text in hall.told())
    assert hall.price() == "40.00 EUR was the fixed price, for whoever took the unit before anybody bid."


def test_a_late_bid_is_told_with_how_late_it_was():
    hall = Hall()
    hall.bid("Ana", 10_00)
    hall.bid("Bo", 11_00)
    hall.hammer()
    hall.bid("Ana", 12_00, after_ms=312)
    assert "+16312 Ana bid 12.00 EUR, 0.312 s after the close; the bid was refused." in hall.told()
    assert hall.why_not("Ana").endswith("Ana bid 12.00 EUR 0.312 s after the close: too late to count.")
    assert hall.why_not("Cem").startswith("Cem made no bid for this unit that counted.")


def test_a_late_bid_belongs_to_its_unit_also_when_the_next_one_is_open():
    hall = Hall(units=2)
    hall.bid("Bo", 11_00)
    hall.hammer()
    hall.do(MeetDeadline("lamp"), 0)
    hall.do(Bid("Ana", 77, "lamp", 12_00, 1, TOKEN), 5)
    (first,) = (text for text in hall.told("Ana", unit=1) if text.startswith("And Ana"))
    assert "0.005 s after the close" in first
    assert not any("after the close" in text for text in hall.told("Ana", unit=2))


def test_a_voided_bid_with_who_and_why():
    hall = Hall()
    hall.bid("Ana", 10_00)
    wrong = hall.bid("Bo", 90_00)
    hall.do(VoidBid(by="Zoe", item="lamp", bid=wrong, why="typing mistake."))
    assert hall.told()[-2] == (
        "+7000 Zoe took back the bid of Bo over 90.00 EUR: typing mistake. Ana led again at 10.00 EUR. "
        "The close was now +17000."
    )
    hall.hammer()
    assert hall.price() == "the price is what Ana bid by hand; nobody bid more before the close."
    assert hall.why_not("Bo") == "The bid of Bo over 90.00 EUR had been taken back (see above)."


def test_bids_from_the_hall_and_the_telephone():
    hall = Hall()
    hall.do(BidFor(by="Cara", bidder="Ana", item="lamp", amount=10_00))
    hall.do(BidFor(by="Cara", bidder="Bo", item="lamp", amount=11_00, via="phone"))
    hall.hammer()
    told = hall.told()
    assert "+5000 Ana bid 10.00 EUR in the hall (entered by Cara), and led." in told
    assert "+6000 Bo bid 11.00 EUR on the telephone (entered by Cara), and led." in told
    assert hall.price().startswith("the price is what Bo bid on the telephone")
    assert hall.why_not("Ana").startswith("The best bid of Ana was 10.00 EUR, in the hall")


def test_a_bidder_who_was_sent_out():
    hall = Hall()
    hall.bid("Bo", 10_00)
    hall.bid("Ana", 11_00)
    hall.bid("Bo", 12_00)
    hall.do(RemoveBidder(by="Zoe", bidder="Bo", why="rude"))
    assert hall.told()[-2] == "+8000 Zoe sent Bo out of the sale: rude."
    hall.hammer()
    assert hall.why_not("Bo") == "Bo had been sent out of the sale at +8000 by Zoe: rude."
    assert hall.told("Ana")[-1] == "And Ana? Ana did get it."
    hall = Hall()
    hall.do(RemoveBidder(by="Zoe", bidder="Cem", why="rude"))
    assert not any("Cem" in text for text in hall.told()), "who had nothing to do with the item is not told of"


def test_a_cancelled_sale_and_its_offer():
    hall = Hall()
    hall.bid("Ana", 10_00)
    hall.bid("Bo", 11_00)
    sale = hall.hammer()
    hall.do(CancelSale(by="Zoe", sale=sale, why="no money", then="offer"))
    assert "+17000 Zoe cancelled the sale to Bo for 11.00 EUR: no money." in hall.told()
    assert "+17000 Zoe offered the unit to Ana at their own last bid, 10.00 EUR." in hall.told()
    assert hall.why_not("Bo") == "Bo won it, but the sale was cancelled (see above)."
    hall.do(AnswerOffer("Ana", 99, "lamp", 1, True, TOKEN))
    assert "+18000 Ana took the offer: the unit was sold to them for 10.00 EUR." in hall.told()
    assert hall.why_not("Ana") == "Ana did get it."


def test_an_offer_that_was_not_taken():
    hall = Hall()
    hall.bid("Ana", 10_00)
    hall.bid("Bo", 11_00)
    hall.do(CancelSale(by="Zoe", sale=hall.hammer(), why="no money", then="offer"))
    hall.do(AnswerOffer("Ana", 99, "lamp", 1, False, TOKEN))
    assert "+18000 Ana did not take the offer; the unit stayed unsold." in hall.told()


def test_a_budget_that_kept_a_maximum_back():
    hall = Hall()
    hall.max("Ana", 30_00)
    hall.do(SetBudget(by="Zoe", bidder="Ana", budget=15_00, salt="5a"))
    hall.bid("Bo", 20_00)
    hall.hammer()
    assert hall.why_not("Ana").endswith(
        "The maximum of Ana at the close was 30.00 EUR, but their budget left only 15.00 EUR for it."
    )


def test_a_limit_that_kept_a_maximum_back():
    hall = Hall(units=3, units_each=1)
    hall.max("Ana", 30_00, units=2)
    hall.hammer()
    hall.do(MeetDeadline("lamp"), 0)
    hall.bid("Bo", 10_00)
    hall.hammer()
    (why,) = (text for text in hall.told("Ana", unit=2) if text.startswith("And Ana"))
    assert why.endswith("but they had, or led for, as many units as one bidder may buy.")


def test_a_limit_of_the_whole_sale_that_kept_a_maximum_back():
    hall = Hall(room_each=1)
    hall.do(Bid("Ana", 1, "mug", 1_00, None, TOKEN))
    hall.id = 1
    hall.max("Ana", 30_00)
    hall.bid("Bo", 10_00)
    hall.hammer()
    assert hall.why_not("Ana") == (
        "The maximum of Ana at the close was 30.00 EUR, but they had, or led for, as many units as one bidder may buy."
    )


def test_a_seller_and_a_maximum_that_was_taken_back():
    hall = Hall(seller="Cem")
    hall.max("Ana", 30_00)
    hall.do(CancelMax("Ana", 99, "lamp", TOKEN))
    hall.bid("Bo", 40_00)
    hall.hammer()
    assert hall.told()[0] == "Desk lamp (lamp) in Gala: 1 unit, sold for Cem, from 10.00 EUR up."
    assert "+6000 Ana took the maximum of 30.00 EUR back." in hall.told()
    assert hall.why_not("Cem") == "Cem sells this item, and sellers may not bid for their own."
    assert "maximum" not in hall.why_not("Ana").replace("by a maximum", "")


def test_pauses_extensions_and_an_outage():
    hall = Hall(TIMED)
    hall.bid("Ana", 10_00)
    assert hall.told()[-2] == "+5000 Ana bid 10.00 EUR by hand, and led."
    hall = Hall(TIMED)
    hall.bid("Ana", 10_00, after_ms=24_000)
    assert hall.told()[-2] == "+28000 Ana bid 10.00 EUR by hand, and led. The close moved from +31000 to +33000."
    hall.do(Extend(by="Zoe", item="lamp", span_ms=20_000))
    hall.do(Pause(by="Zoe", item="lamp"))
    hall.do(Pause(by="Zoe"))
    hall.do(Resume(by="Zoe", item="lamp"))
    hall.do(Resume(by="Zoe"))
    hall.do(EndOutage(), 17_000)
    assert hall.told()[3:9] == [
        "+29000 Zoe gave the round more time. The close was now +49000.",
        "+30000 Zoe paused the item: no bids were taken, and the clock stood still.",
        "+31000 Zoe paused the whole sale: no bids were taken, and the clock stood still.",
        "+32000 Zoe let the item go on.",
        "+33000 Zoe let the sale go on. The close was now +52000.",
        "+50000 The server had been away, so the round got more time. The close was now +55000.",
    ]
    assert hall.told()[-1] == "The round is still open; Ana leads at 10.00 EUR."


def test_items_that_end_otherwise_and_come_again():
    hall = Hall()
    hall.hammer()
    assert hall.told("Ana")[2] == "+61000 The round closed without a bid, so the unit was not sold."
    hall.do(Reopen(by="Zoe", item="lamp"))
    assert hall.told()[-1] == "+62000 Zoe put the unsold unit up again."
    hall.do(MeetDeadline("lamp"), 0)
    hall.bid("Ana", 10_00)
    hall.do(Withdraw(by="Zoe", item="lamp", why="cracked"))
    assert hall.told()[-1] == "+64000 Zoe withdrew the item: cracked. The unit was not sold."
    hall = Hall(units=3)
    hall.bid("Ana", 10_00)
    hall.hammer()
    hall.do(CloseRoom(by="Zoe", why="fire"))
    assert hall.told()[-1] == "+16000 Zoe ended the sale: fire. 2 units were left unsold."


def test_an_item_that_was_added():
    hall = Hall()
    hall.do(AddItem(by="Zoe", terms=ItemTerms("vase", "Vase", 5_00, 50, 1, LIVE)))
    hall.do(Bid("Ana", 1, "vase", 5_00, None, TOKEN))
    told = explain(hall.events, Question("vase"), clock)
    assert told[1] == Sentence(AT + 5000, "Zoe added the item to the sale.")
    assert told[-1].text == "The round is still open; Ana leads at 5.00 EUR."


def test_questions_are_understood_as_people_ask_them():
    sale = BusySale(1)
    assert ask(sale.state, 'LAMP "ø"', 2, "1") == Question("lamp", 2, "Paddle 1")
    assert ask(sale.state, "desk", None, "bjørn") == Question("desk", None, "Paddle 2")
    assert ask(sale.state, "desk", None, "Paddle 3") == Question("desk", None, "Paddle 3")
    for item, unit, bidder, said in (
        ("lmap", None, None, "there is no item 'lmap'; there are: lamp, desk, mug, vase$"),
        ("lamp", 7, None, "lamp has no unit 7; it has units 1 to 6"),
        ("lamp", None, "Nobody", "there is no bidder 'Nobody'; there are: Paddle 1, Paddle 2"),
        ("lamp", None, "77", "there is no bidder '77'"),
    ):
        with pytest.raises(BidroomError, match=said):
            ask(sale.state, item, unit, bidder)
    sale.do(AddItem(by="Zoe", terms=ItemTerms("lamp2", 'Lamp "Ø"', 1_00, 10, 1, LIVE)))
    with pytest.raises(BidroomError, match=r"several items .* lamp, lamp2"):
        ask(sale.state, 'Lamp "Ø"', None, None)
    with pytest.raises(BidroomError, match="nobody bid at all"):
        ask(RoomState(items=sale.state.items), "lamp", None, "Ana")


@pytest.mark.parametrize("seed", range(6))
def test_a_long_sale_is_told_in_full_and_in_order(seed: int):
    sale = BusySale(seed).go(800)
    assert sum(isinstance(event, UnitSold) for event in sale.events) > 5
    for item in sale.state.items:
        told = explain(sale.events, Question(item), clock)
        bids = [event for event in sale.events if isinstance(event, BidAccepted) and event.item == item]
        taken = [event for event in sale.events if isinstance(event, UnitSold) and event.item == item]
        by_hand = [event for event in taken if event.how == "buy_now"]
        said = [sentence for sentence in told if re.search(r"\bled\b|raised the bid", sentence.text)]
        assert len([each for each in said if "led again" not in each.text]) == len(bids) - len(by_hand)
        for event in bids:
            if (event.seq + 1) not in {sold.seq for sold in by_hand}:
                money = f"{event.amount // 100}.{event.amount % 100:02} EUR"
                assert any(each.at == event.at and money in each.text for each in said)
        assert sum("was sold to" in sentence.text for sentence in told) == len(taken) - len(by_hand)
        opened = [event for event in sale.events if isinstance(event, RoundOpened) and event.item == item]
        assert sum("opened the bidding" in sentence.text for sentence in told) == len(opened)
        for unit in {event.unit for event in opened}:
            part = explain(sale.events, Question(item, unit), clock)
            assert {each.text for each in part} <= {each.text for each in told}
        for bidder in sale.state.bidders:
            asked = explain(sale.events, Question(item, None, bidder), clock)
            answers = [each for each in asked if each.text.startswith("And ")]
            closed = sum(each.text.startswith("The round is still open") for each in asked)
            assert len(answers) + closed == len(opened)
            assert not any("not called on" in each.text or "stood no more" in each.text for each in answers)
