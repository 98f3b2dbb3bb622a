"""The rules of the room told a second time, as naively as possible, to check the first telling against.

It keeps no state. All it has is the story: everything that happened, in order (`tests.rules.story`). Whatever it is
asked, it works out anew from the whole story. It shares the terms and the commands with the real rules, and no code.
"""

from bidroom.rules.commands import AnswerOffer, Bid, BuyNow, CancelMax, EndOutage, MaxBid, MeetDeadline, OpenRoom
from bidroom.rules.control import BidFor, ControlCommand
from bidroom.rules.decide import Command
from tests.rules import model_bids, model_clock, model_control, model_maximums
from tests.rules.model_steps import Outcome, next_minimum
from tests.rules.story import Story
from tests.rules.telling import Look, Purse


class Naive(Story):
    """Answers from the story alone."""

    def ask(self, command: Command, now: int) -> Outcome:
        """What a command that comes at `now` leads to, with all that maximums answer to it."""
        at = max(now, self.now())
        outcome = self.decide(command, at)
        return Outcome(outcome.answer, model_maximums.with_answers(self, outcome.story, at))

    def decide(self, command: Command, at: int) -> Outcome:
        match command:
            case OpenRoom():
                return model_clock.open_room(command, at)
            case MeetDeadline():
                return Outcome(None, model_clock.meet_deadline(self, command.item, at))
            case EndOutage():
                return Outcome(None, model_clock.end_outage(self, at))
            case Bid():
                return model_bids.bid(self, command, at)
            case BidFor():
                return model_bids.bid_for(self, command, at)
            case MaxBid():
                return model_bids.max_bid(self, command, at)
            case CancelMax():
                return model_bids.cancel_max(self, command, at)
            case BuyNow():
                return model_bids.buy_now(self, command, at)
            case AnswerOffer():
                return model_bids.answer_offer(self, command, at)
        assert isinstance(command, ControlCommand)
        return model_control.ask(self, command, at)

    def look(self, item: str) -> Look:
        price, leader = self.on_show(item)
        terms, leading = self.items()[item], self.price(item)
        return Look(
            self.phase(item),
            self.unit(item),
            self.left(item),
            self.next_unit(item) if self.phase(item) != "open" else None,
            price,
            leader,
            next_minimum(terms, leading),
            self.due(item),
            self.hard_end(item),
            self.stopped(item),
            tuple((bid.seq, bid.at, bid.bidder, bid.amount) for bid in self.bids(item)),
            tuple(sorted(tuple(left) for left in self.maximums() if left.item == item)),
        )

    def purse(self, bidder: str) -> Purse:
        bought = self.purchases(bidder)
        return Purse(
            self.budget(bidder),
            max([each.command for each in self.story if each.bidder == bidder and each.command], default=0),
            self.is_removed(bidder),
            sum(sale.amount for sale in bought),
            sum(each.amount for each in self.all("purchases_paid") if each.bidder == bidder),
            sum(self.led(bidder).values()),
            len(self.led(bidder)),
            {item: units for item in self.items() if (units := len([sale for sale in bought if sale.item == item]))},
            [left.item for left in self.maximums() if left.bidder == bidder],
        )
