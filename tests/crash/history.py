"""A room's history told anew from its events alone: what each one says must fit what came before it.

Written from docs/rules.md, apart from the server's rules.
"""

from typing import Any

Message = dict[str, Any]
Place = tuple[int, int]
Maximums = dict[str, tuple[int, int]]
"""What a bidder has left, by item: up to which amount, for how many more units."""


class Item:
    """One item as far as events have told of it.

    `bids` are those of the round that count, the standing one last; `left` counts the units that are neither sold nor
    offered to somebody; `sold` has the purchases that stand, by unit, and `offers` the offers that wait.
    """

    def __init__(self, terms: Message) -> None:
        self.terms = terms
        self.state = "between"
        self.unit = 0
        self.left: int = terms["units"]
        self.bids: list[Message] = []
        self.minimum = terms["starting_price"]
        self.ends_at: int | None = None
        self.opens_at: int | None = None
        self.paused = False
        self.reserve = 0
        self.sold: dict[int, Message] = {}
        self.offers: dict[int, Message] = {}
        self.made: set[tuple[int, str, int]] = set()

    @property
    def price(self) -> int:
        return self.bids[-1]["amount"] if self.bids else 0

    @property
    def leader(self) -> str | None:
        return self.bids[-1]["bidder"] if self.bids else None

    def end_after_bid(self, at: int) -> int:
        """When the round ends after a bid that arrives at this time; no item here has a `hard_end`."""
        end = at + self.terms["closing"]["window_ms"]
        is_first_live = self.terms["closing"]["kind"] == "live" and not self.bids
        return end if is_first_live or self.ends_at is None else max(self.ends_at, end)


class History:
    """Takes events in order and notes every one that can't be true.

    `maximums` are those that stand now, and `past` what each bidder had left after each change, with its place.
    """

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.items: dict[str, Item] = {}
        self.maximums: dict[str, Maximums] = {}
        self.past: dict[str, list[tuple[Place, Maximums]]] = {}
        self._removed: set[str] = set()
        self._paid: set[int] = set()
        self._handed_over: set[int] = set()
        self._paused = False
        self._closing = False

    def take(self, event: Message) -> None:
        """Take in one event; of what moves nothing here, nothing is asked."""
        handler = getattr(self, f"_on_{event['type']}", None)
        try:
            if handler is not None:
                handler(event)
        except KeyError as unknown:
            self.faults.append(f"nothing is known of {unknown}: {_plain(event)}")

    def unaccounted(self) -> list[str]:
        """Items of which some unit is neither left nor offered nor sold to exactly one bidder."""
        counts = {id: item.left + len(item.offers) + len(item.sold) for id, item in self.items.items()}
        return [
            f"{count} of {self.items[id].terms['units']} units of {id} are accounted for"
            for id, count in counts.items()
            if count != self.items[id].terms["units"]
        ]

    def _check(self, is_so: bool, fault: str, event: Message) -> None:
        if not is_so:
            self.faults.append(f"{fault}: {_plain(event)}")

    def _is_paused(self, item: Item) -> bool:
        return self._paused or item.paused

    # The room and its rounds

    def _on_room_opened(self, event: Message) -> None:
        self.items = {terms["id"]: Item(terms) for terms in event["terms"]["items"]}

    def _on_reserve_set(self, event: Message) -> None:
        self.items[event["item"]].reserve = event["amount"]

    def _on_bidder_registered(self, event: Message) -> None:
        self._check(event["bidder"] not in self.maximums, "registered twice", event)
        self.maximums[event["bidder"]] = {}

    def _on_round_opened(self, event: Message) -> None:
        item, unit = self.items[event["item"]], event["unit"]
        self._check(item.state == "between" and not self._is_paused(item), "opened out of turn", event)
        self._check(not self._closing, "opened though the room is closing", event)
        self._check(item.opens_at is None or event["at"] >= item.opens_at, "opened too early", event)
        is_free = item.left > 0 and unit not in item.sold and unit not in item.offers
        self._check(is_free and 1 <= unit <= item.terms["units"], "opened for a unit that isn't there", event)
        item.state, item.unit, item.bids = "open", unit, []
        item.minimum, item.ends_at = event["minimum"], event["ends_at"]

    def _on_item_finished(self, event: Message) -> None:
        item, because = self.items[event["item"]], event.get("because", "sold")
        self._check(event["unsold"] == item.left, f"{item.left} units are left", event)
        if because in ("passed", "reserve_not_met"):
            self._check(item.state == "open", "passed though it is not open", event)
            self._check(not item.bids or 0 < item.price < item.reserve, "passed though somebody leads", event)
            self._check_deadline(item, event)
        elif item.state == "open":
            self._check(because == "closed" and not item.bids, "finished though somebody leads", event)
        item.state, item.bids, item.paused = "finished", [], False

    def _on_item_reopened(self, event: Message) -> None:
        item = self.items[event["item"]]
        self._check(item.state == "finished" and not self._closing, "reopened out of turn", event)
        self._check(event["units_left"] == item.left > 0, f"{item.left} units are left", event)
        item.state, item.opens_at = "between", event["opens_at"]

    def _on_room_closing(self, _event: Message) -> None:
        self._closing = True

    def _on_room_finished(self, event: Message) -> None:
        self._check(all(item.state == "finished" for item in self.items.values()), "finished before its items", event)

    # Clocks

    def _check_deadline(self, item: Item, event: Message) -> None:
        """A round closes at its deadline, not a millisecond before or after, and never while its clock stands."""
        self._check(event["at"] == item.ends_at, f"the round was to end at {item.ends_at}", event)
        self._check(not self._is_paused(item), "closed in a pause", event)

    def _on_paused(self, event: Message) -> None:
        if event["item"] is None:
            self._check(not self._paused, "paused twice", event)
            self._paused = True
        else:
            item = self.items[event["item"]]
            self._check(not item.paused and item.state != "finished", "paused twice", event)
            item.paused = True

    def _on_resumed(self, event: Message) -> None:
        if event["item"] is None:
            self._check(self._paused, "resumed without a pause", event)
            self._paused = False
        else:
            self._check(self.items[event["item"]].paused, "resumed without a pause", event)
            self.items[event["item"]].paused = False
        self._move(event)
        if event["item"] is None:
            self._check_windows(event)

    def _on_deadlines_moved(self, event: Message) -> None:
        self._move(event)
        if "by" not in event:
            self._check_windows(event)

    def _move(self, event: Message) -> None:
        for moved in event["rounds"]:
            item = self.items[moved["item"]]
            self._check(not self._is_paused(item), "a clock was moved in a pause", event)
            old, new = (
                (item.ends_at, moved["ends_at"]) if item.state == "open" else (item.opens_at, moved.get("opens_at"))
            )
            self._check(old is None or (new is not None and new >= old), "a deadline was moved back", event)
            if item.state == "open":
                item.ends_at = new
            else:
                item.opens_at = new

    def _check_windows(self, event: Message) -> None:
        """After an outage or a pause every open round whose clock runs has at least its window left."""
        for item in self.items.values():
            if item.state == "open" and not self._is_paused(item) and item.ends_at is not None:
                least = event["at"] + item.terms["closing"]["window_ms"]
                self._check(item.ends_at >= least, f"{item.terms['id']} has less than its window", event)

    # Bids

    def _on_bid_accepted(self, event: Message) -> None:
        item, bidder = self.items[event["item"]], event["bidder"]
        self._check(bidder in self.maximums and bidder not in self._removed, "a bid by nobody", event)
        self._check(item.state == "open" and item.unit == event["unit"], "a bid for what is not open", event)
        self._check(not self._is_paused(item), "a bid in a pause", event)
        self._check(item.ends_at is None or event["at"] < item.ends_at, f"a bid after the close {item.ends_at}", event)
        self._check(event["amount"] >= item.price, f"the price falls from {item.price}", event)
        by_hand = "command" in event or "via" in event
        if by_hand:
            self._check(event["amount"] >= item.minimum, f"a bid below the minimum {item.minimum}", event)
            self._check(bidder != item.leader, "a bid against oneself", event)
        else:
            most = self.maximums.get(bidder, {}).get(event["item"], (0, 0))[0]
            self._check(event["amount"] <= most, f"beyond the maximum {most}", event)
        self._check(event["minimum"] == event["amount"] + item.terms["increment"], "a wrong minimum", event)
        end = item.end_after_bid(event["at"])
        self._check(event["ends_at"] == end, f"the round now ends at {end}", event)
        item.bids.append(event)
        item.made.add((event["unit"], bidder, event["amount"]))
        item.minimum, item.ends_at = event["minimum"], event["ends_at"]

    def _on_bid_voided(self, event: Message) -> None:
        item = self.items[event["item"]]
        is_standing = item.state == "open" and bool(item.bids) and item.bids[-1]["seq"] == event["bid"]
        self._check(is_standing and item.leader == event["bidder"], "voided though it does not stand", event)
        while item.bids and item.bids[-1]["seq"] != event["standing"]:
            self._check(item.leader == event["bidder"], f"voided with it the bid of {item.leader}", event)
            item.bids.pop()
        stands = (item.leader, item.price or None)
        self._check((event["leader"], event["amount"]) == stands, f"after it stands {stands}", event)
        self._check(event["item"] not in self.maximums[event["bidder"]], "its bidder's maximum is still there", event)
        least = event["at"] + item.terms["closing"]["window_ms"]
        self._check(event["ends_at"] is None or event["ends_at"] >= least, "voided without a fresh window", event)
        item.minimum, item.ends_at = event["minimum"], event["ends_at"]

    def _on_bidder_removed(self, event: Message) -> None:
        bidder = event["bidder"]
        self._check(bidder not in self._removed, "removed twice", event)
        self._removed.add(bidder)
        self._check(not self.maximums[bidder], f"their maximums are still there: {self.maximums[bidder]}", event)
        for item in self.items.values():
            self._check(item.state != "open" or item.leader != bidder, "they still lead", event)
            self._check(all(offer["bidder"] != bidder for offer in item.offers.values()), "they have an offer", event)
            item.bids = [bid for bid in item.bids if bid["bidder"] != bidder]

    # Maximums

    def _on_maximum_set(self, event: Message) -> None:
        item, bidder = self.items[event["item"]], event["bidder"]
        self._check(bidder not in self._removed, "left by somebody who is out", event)
        self._check(item.state != "finished" and not self._is_paused(item), "left for what takes no bids", event)
        opened = item.state == "open"
        least = item.terms["starting_price"] if not opened else item.price if item.leader == bidder else item.minimum
        self._check(event["amount"] >= least, f"left below {least}", event)
        self._change(event, bidder, event["item"], (event["amount"], event["units"]))

    def _on_maximum_cancelled(self, event: Message) -> None:
        self._check(event["item"] in self.maximums[event["bidder"]], "there is no such maximum", event)
        self._change(event, event["bidder"], event["item"], None)

    def _change(self, event: Message, bidder: str, item: str, maximum: tuple[int, int] | None) -> None:
        """The bidder's maximum on the item is this one from now on."""
        maximums = self.maximums[bidder]
        maximums.pop(item, None)
        if maximum is not None:
            maximums[item] = maximum
        self.past.setdefault(bidder, []).append(((event["seq"], event.get("sub", 0)), dict(maximums)))

    # Sales

    def _on_unit_sold(self, event: Message) -> None:
        item, unit, how = self.items[event["item"]], event["unit"], event.get("how", "hammer")
        self._check(unit not in item.sold, "sold twice", event)
        if how == "offer":
            offer = item.offers.pop(unit)
            fits = (offer["bidder"], offer["amount"]) == (event["bidder"], event["amount"])
            self._check(fits and event["bidder"] not in self._removed, "sold to whom it was not offered", event)
        else:
            self._sell_round(item, event, how)
        item.sold[unit] = event
        self._use_up(event)

    def _sell_round(self, item: Item, event: Message, how: str) -> None:
        led = (item.unit, item.leader, item.price) == (event["unit"], event["bidder"], event["amount"])
        self._check(item.state == "open" and led, f"sold to somebody who did not lead ({item.leader})", event)
        if how == "buy_now":
            at_once = len(item.bids) == 1 and event["amount"] == item.terms.get("buy_now")
            self._check(at_once, "not at the fixed price, or after a bid", event)
        else:
            self._check_deadline(item, event)
        self._check(event["amount"] >= item.reserve, f"sold below the reserve {item.reserve}", event)
        for bidder, maximums in self.maximums.items():
            most = maximums.get(event["item"], (0, 0))[0]
            heard = bidder == event["bidder"] or most <= item.price
            self._check(heard, f"the maximum of {bidder} was forgotten", event)
        item.state, item.opens_at = "between", event["opens_at"]
        item.left -= 1

    def _use_up(self, event: Message) -> None:
        amount, units = self.maximums[event["bidder"]].get(event["item"], (0, 0))
        if units:
            self._change(event, event["bidder"], event["item"], (amount, units - 1) if units > 1 else None)

    def _on_sale_cancelled(self, event: Message) -> None:
        item = self.items[event["item"]]
        sale = item.sold.pop(event["unit"], {})
        fits = all(sale.get(key) == event[key] for key in ("bidder", "amount")) and sale.get("seq") == event["sale"]
        self._check(fits, f"cancelled though the sale is {_plain(sale)}", event)
        item.left += 1

    def _on_offer_made(self, event: Message) -> None:
        item, unit, bidder = self.items[event["item"]], event["unit"], event["bidder"]
        self._check(unit not in item.sold and unit not in item.offers, "offered though it is gone", event)
        self._check((unit, bidder, event["amount"]) in item.made, "offered at what was never bid", event)
        self._check(bidder not in self._removed, "offered to somebody who is out", event)
        item.offers[unit] = event
        item.left -= 1

    def _on_offer_declined(self, event: Message) -> None:
        item = self.items[event["item"]]
        self._check(item.offers.pop(event["unit"])["bidder"] == event["bidder"], "declined by another", event)
        item.left += 1

    def _on_purchases_paid(self, event: Message) -> None:
        sales = self._settle(event, self._paid)
        self._check(event["amount"] == sum(sale["amount"] for sale in sales), "paid another amount", event)

    def _on_purchases_handed_over(self, event: Message) -> None:
        self._settle(event, self._handed_over)

    def _settle(self, event: Message, done: set[int]) -> list[Message]:
        """The purchases that stand and that the event is about, each for the first time."""
        standing = {sale["seq"]: sale for item in self.items.values() for sale in item.sold.values()}
        sales = [standing[number] for number in event["sales"]]
        self._check(not done & set(event["sales"]), "done twice", event)
        self._check(all(sale["bidder"] == event["bidder"] for sale in sales), "not their purchase", event)
        done.update(event["sales"])
        return sales


def _plain(event: Message) -> Message:
    return {key: value for key, value in event.items() if key != "body"}
