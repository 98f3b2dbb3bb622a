"""`bidroom invite`: registers the bidders of a list, and writes their codes and links, told this once."""

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from bidroom.catalogue.bidders import Guest, read_guests
from bidroom.errors import BidroomError
from bidroom.results import harmless
from bidroom.rules.money import format_plain
from bidroom.terminal.desk import Desk
from bidroom.terminal.desk_options import DeskOptions
from bidroom.terminal.progress import progress
from bidroom.terminal.show import say
from bidroom.terminal.story import visible


class Invited(Struct, frozen=True):
    """A bidder who is registered now: how others see them, and the code that lets them in."""

    guest: Guest
    bidder: str
    paddle: int | None
    code: str


def invite(file: Path, out: Path, link: str | None, at: DeskOptions) -> int:
    """Register everyone in the file; the exit status is 1 where somebody was refused. Raises BidroomError."""
    desk = Desk(at)
    guests = read_guests(file, desk.currency)
    if out.exists():
        raise BidroomError(f"{out}: this file exists; name another one, its codes are told only once")
    invited: list[Invited] = []
    refused: list[str] = []
    try:
        with progress(f"Inviting {len(guests)} bidders") as shown:
            for number, guest in enumerate(guests, start=1):
                shown.text = f"Inviting {number} of {len(guests)} bidders"
                _invite(desk, guest, invited, refused)
    finally:
        _write(out, as_csv(invited, link or desk.url, desk.currency))
    say(f"{len(invited)} bidders are invited; their codes and links are in {out}.")
    for line in refused:
        say(line)
    return 1 if refused else 0


def _invite(desk: Desk, guest: Guest, invited: list[Invited], refused: list[str]) -> None:
    fields = {"name": guest.name, "paddle": guest.paddle, "budget": guest.budget}
    answer = desk.order("invite", **fields, email=guest.email or None, code=guest.code or None)
    if answer["type"] == "refused":
        refused.append(f"Not invited: {visible(guest.name)}: {answer['message']}")
    else:
        invited.append(Invited(guest, answer["bidder"], answer.get("paddle"), answer["code"]))


def as_csv(invited: Iterable[Invited], address: str, currency: str) -> str:
    """The list with codes and links. The code stands in the link's fragment, which no server ever gets to see."""
    table = io.StringIO(newline="")
    table.write("\ufeff")
    rows = csv.writer(table)
    rows.writerow(("name", "paddle", "budget", "email", "code", "link"))
    for one in invited:
        budget = "" if one.guest.budget is None else format_plain(one.guest.budget, currency)
        link = f"{address.rstrip('/')}/#code={one.code}"
        rows.writerow((harmless(one.guest.name), one.paddle, budget, harmless(one.guest.email), one.code, link))
    return table.getvalue()


def _write(out: Path, text: str) -> None:
    """Write the codes for the owner's eyes only."""
    with os.fdopen(
        os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8", newline=""
    ) as file:
        file.write(text)
