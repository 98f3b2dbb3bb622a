"""The naive model's telling of the house's own commands: the room opens, the clock strikes, an outage is over."""

from bidroom.rules.commands import OpenRoom
from tests.rules.model_steps import Outcome, Teller, finishing, selling
from tests.rules.story import Story
from tests.rules.telling import Happening


def open_room(command: OpenRoom, at: int) -> Outcome:
    teller, terms = Teller(Story(), at), command.terms
    teller.tell("room_opened", terms=terms)
    for reserve in command.reserves:
        teller.tell("reserve_set", item=reserve.item, amount=reserve.amount, salt=reserve.salt)
    if terms.opens == "at-once" and terms.opens_at is None:
        for item in terms.items if terms.order == "together" else terms.items[:1]:
            teller.opening(item.id)
    return Outcome(None, teller.told)


def meet_deadline(story: Story, item: str, at: int) -> tuple[Happening, ...]:
    due, teller = story.due(item), Teller(story, at)
    if due is None or at < due or story.stopped(item) is not None:
        return ()
    price = story.price(item)
    if story.phase(item) == "between":
        teller.opening(item)
    elif price is None:
        finishing(teller, item, "passed")
    elif price < story.reserve(item):
        finishing(teller, item, "reserve_not_met")
    else:
        selling(teller, item, "hammer")
    return teller.told


def end_outage(story: Story, at: int) -> tuple[Happening, ...]:
    moved = []
    for item, terms in story.items().items():
        if story.stopped(item) is not None:
            continue
        due = story.due(item)
        if story.phase(item) == "between" and due is not None and due < at:
            moved.append((item, story.unit(item), None, story.hard_end(item), at))
        if story.phase(item) != "open":
            continue
        enough = at + terms.closing.window_ms
        times = (story.due(item), story.hard_end(item))
        if any(time is not None and time < enough for time in times):
            later = [None if time is None else sorted((time, enough))[1] for time in times]
            moved.append((item, story.unit(item), *later, None))
    teller = Teller(story, at)
    if moved:
        teller.tell("deadlines_moved", rounds=tuple(moved))
    return teller.told
