"""The room as a participant follows it from what it hears; made from the protocol alone."""

from typing import Any

Message = dict[str, Any]


class View:
    """Items as they were last heard of, the offers that wait, and the purchases that stand, by number."""

    def __init__(self) -> None:
        self.items: dict[str, Message] = {}
        self.offers: dict[tuple[str, int], str] = {}
        self.sales: dict[int, Message] = {}
        self.paused = False
        self.finished = False

    def hear(self, message: Message) -> None:
        """Take in one message, of whatever type."""
        if "room" in message:
            room = message["room"]
            self.items = {item["id"]: item for item in room["items"]}
            self.offers = {(offer["item"], offer["unit"]): offer["bidder"] for offer in room.get("offers", ())}
            self.paused = room.get("paused", False)
            self.finished = room["finished"]
        for event in message.get("events", ()):
            self._fold(event)

    def on_sale(self) -> list[Message]:
        """The items that are neither finished nor paused."""
        items = () if self.paused else self.items.values()
        return [item for item in items if item["state"] != "finished" and not item.get("paused")]

    def _fold(self, event: Message) -> None:
        item = self.items.get(event.get("item") or "", {})
        match event["type"]:
            case "round_opened":
                item |= {"state": "open", "unit": event["unit"], "minimum": event["minimum"]}
                item |= {"price": None, "leader": None, "bid": None, "buy_now": event.get("buy_now")}
            case "bid_accepted":
                item |= {"price": event["amount"], "leader": event["bidder"], "minimum": event["minimum"]}
                item |= {"bid": event["seq"], "buy_now": None}
            case "bid_voided":
                item |= {"price": event["amount"], "leader": event["leader"], "minimum": event["minimum"]}
                item |= {"bid": event["standing"], "buy_now": event.get("buy_now")}
            case "item_finished":
                item |= {"state": "finished", "units_left": event["unsold"], "paused": False}
            case "item_reopened":
                item |= {"state": "between", "units_left": event["units_left"], "minimum": item["starting_price"]}
            case "paused" | "resumed" as type:
                self._pause(event["item"], type == "paused")
            case "room_finished":
                self.finished = True
            case _:
                self._fold_sale(item, event)

    def _pause(self, item: str | None, paused: bool) -> None:
        if item is None:
            self.paused = paused
        else:
            self.items[item]["paused"] = paused

    def _fold_sale(self, item: Message, event: Message) -> None:
        match event["type"]:
            case "unit_sold":
                self.sales[event["seq"]] = event
                self.offers.pop((event["item"], event["unit"]), None)
                if event.get("how") != "offer":
                    item |= {"state": "between", "minimum": item["starting_price"]}
                    item |= {"units_left": item["units_left"] - 1}
            case "sale_cancelled":
                self.sales.pop(event["sale"], None)
                item |= {"units_left": item["units_left"] + 1}
            case "offer_made":
                self.offers[event["item"], event["unit"]] = event["bidder"]
                item |= {"units_left": item["units_left"] - 1}
            case "offer_declined":
                self.offers.pop((event["item"], event["unit"]), None)
                item |= {"units_left": item["units_left"] + 1}
            case _:
                pass
