"""A TOML catalogue: what a good file means, and one clear line for everything that may be wrong with a bad one."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidroom.catalogue import EXAMPLE_PATH, SAMPLE, CatalogueError, parse_catalogue, read_catalogue
from bidroom.catalogue.read import MAX_FILE_BYTES
from bidroom.rules.increments import EBAY, TRADEME, Ladder, Percentage, Rung
from bidroom.rules.item import ItemDefaults, ItemTerms, LiveClosing, RoomTerms, TimedClosing

ROOT = Path(__file__).parents[2]
NOW = 1_800_000_000_000  # 15 January 2027
ROOM = '[room]\nname = "Sale"\ncurrency = "EUR"\nincrement = 1.00\n'
LAMP = '[[items]]\nname = "Desk lamp"\nstarting_price = 8.00\n'


TIMED = 'closing = "timed"\n'
MOMENT = "2028-01-01T00:00:00Z"


def terms(text: str) -> RoomTerms:
    return parse_catalogue(text, "c.toml", NOW).terms


def items(text: str) -> tuple[ItemTerms, ...]:
    return parse_catalogue(text, "c.toml", NOW).terms.items


def problems(text: str) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue(text, "c.toml", NOW)
    return caught.value.problems


def problem(text: str) -> str:
    (only,) = problems(text)
    return only


def test_the_least_that_a_catalogue_must_say():
    catalogue = parse_catalogue(ROOM + LAMP, "c.toml", NOW)
    assert (catalogue.terms.id, catalogue.terms.name, catalogue.terms.currency) == ("sale", "Sale", "EUR")
    assert catalogue.terms.items == (ItemTerms("desk-lamp", "Desk lamp", 800, 100, 1, LiveClosing(10_000), 2_000),)
    assert (catalogue.limits.connections_per_address, catalogue.limits.messages_per_second) == (1000, 50)


def test_an_item_has_its_own_way_where_it_says_so():
    room = ROOM + "window = 4.5\npause = 0\nopening = 60\n[limits]\nmessages_per_second = 7\n"
    own = "increment = 0.05\nwindow = 0.001\npause = 1.25\nopening = 3\n"
    own += 'id = "L1"\nunits = 3\ndescription = "warm\\nlight"\n'
    plain, special = items(room + LAMP + LAMP + own)
    assert plain.closing == LiveClosing(4_500, 60_000)
    assert plain.pause_ms == 0
    assert special == ItemTerms("L1", "Desk lamp", 800, 5, 3, LiveClosing(1, 3_000), 1_250, "warm\nlight")
    assert parse_catalogue(room + LAMP, "c.toml", NOW).limits.messages_per_second == 7


def test_timed_closing():
    room = ROOM + 'closing = "timed"\nduration = 600\n'
    at = "closes_at = 2027-02-01T20:00:00+01:00\nhard_end = 2027-02-01T19:30:00Z\n"
    by_duration, by_moment = items(room + LAMP + LAMP + 'id = "second"\nunits = 2\n' + at)
    assert by_duration.closing == TimedClosing(10_000, 600_000)
    assert by_moment.closing == TimedClosing(10_000, 600_000, 1_801_508_400_000, 1_801_510_200_000)


def test_a_room_has_its_ways():
    plain = terms(ROOM + LAMP)
    assert (plain.order, plain.next_item, plain.opens, plain.opens_at) == ("together", "by-itself", "at-once", None)
    assert (plain.units_each, plain.registration, plain.bidders) == (None, "open", "names")
    special = terms(
        ROOM + 'order = "one-by-one"\nnext_item = "by-hand"\nopens = "by-hand"\nopens_at = 2027-02-01T00:00:00Z\n'
        'units_each = 3\nregistration = "invite"\nbidders = "paddles"\n' + LAMP
    )
    assert (special.order, special.next_item, special.opens) == ("one-by-one", "by-hand", "by-hand")
    assert special.opens_at == 1_801_440_000_000
    assert (special.units_each, special.registration, special.bidders) == (3, "invite", "paddles")


def test_an_item_says_more_and_the_amount_of_its_reserve_stays_out_of_the_terms():
    more = 'category = "Light"\nseller = "Ana"\nreserve = 8.00\nbuy_now = 20.00\nunits_each = 2\nunits = 4\n'
    catalogue = parse_catalogue(ROOM + LAMP + more + LAMP + 'id = "b"\n', "c.toml", NOW)
    special, plain = catalogue.terms.items
    assert (special.category, special.seller, special.reserve) == ("Light", "Ana", True)
    assert (special.buy_now, special.units_each) == (2000, 2)
    assert (plain.category, plain.seller, plain.reserve, plain.buy_now, plain.units_each) == (
        "",
        None,
        False,
        None,
        None,
    )
    assert catalogue.reserves == {"desk-lamp": 800}


@pytest.mark.parametrize("picture", ["", "lamp.jpg", "lots/Lamp 1.PNG", "https://example.org/lamp?id=5"])
def test_an_item_may_have_a_picture(picture: str):
    assert items(ROOM + LAMP + f'picture = " {picture}"\n')[0].picture == picture


@pytest.mark.parametrize(
    ("written", "increment"),
    [
        ("0.50", 50),
        ('"ebay"', EBAY),
        ('"TradeMe"', TRADEME),
        ('"5%"', Percentage(500, 100)),
        ('"2.5 %"', Percentage(250, 100)),
        ('"5% rounded to 0.50"', Percentage(500, 50)),
        ('"100%  rounded to  10"', Percentage(10_000, 1000)),
        ("[[0, 1.00]]", Ladder((Rung(0, 100),))),
        ("[[0.00, 1], [100, 5.50]]", Ladder((Rung(0, 100), Rung(10_000, 550)))),
    ],
)
def test_every_way_to_write_an_increment(written: str, increment: object):
    room = f'[room]\nname = "Sale"\ncurrency = "EUR"\nincrement = {written}\n'
    (from_room,) = items(room + LAMP)
    (of_its_own,) = items(ROOM + LAMP + f"increment = {written}\n")
    assert from_room.increment == of_its_own.increment == increment
    assert terms(room + LAMP).defaults.increment == increment


def test_a_percentage_is_rounded_to_whole_units_of_any_currency():
    for currency, unit in (("JPY", 1), ("KWD", 1000)):
        room = f'[room]\nname = "r"\ncurrency = "{currency}"\nincrement = "5%"\n'
        assert items(room + LAMP.replace("8.00", "8"))[0].increment == Percentage(500, unit)


def test_one_by_one_only_the_first_item_closes_at_the_set_moment():
    room = ROOM + TIMED + f'order = "one-by-one"\ncloses_at = {MOMENT}\nduration = 60\n'
    first, second = items(room + LAMP + LAMP + 'id = "b"\n')
    assert first.closing == TimedClosing(10_000, 60_000, 1_830_297_600_000)
    assert second.closing == TimedClosing(10_000, 60_000)


@pytest.mark.parametrize(
    ("room", "closing"),
    [
        ("", LiveClosing(10_000)),
        ("window = 4\nopening = 60\n", LiveClosing(4_000, 60_000)),
        (TIMED + "duration = 5\n", TimedClosing(10_000, 5_000)),
        (TIMED + f"closes_at = {MOMENT}\n", TimedClosing(10_000, None, 1_830_297_600_000)),
        (TIMED + f'closes_at = {MOMENT}\nduration = 5\norder = "one-by-one"\n', TimedClosing(10_000, 5_000)),
        (TIMED + f'closes_at = {MOMENT}\norder = "one-by-one"\n', LiveClosing(10_000)),
    ],
)
def test_what_an_item_has_that_is_added_during_the_sale(room: str, closing: object):
    assert terms(ROOM + room + "pause = 3\n" + LAMP).defaults == ItemDefaults(closing, 100, 3_000)


def test_a_sale_that_has_opened_can_be_read_again():
    assert terms(ROOM + "opens_at = 2026-01-01T00:00:00Z\n" + LAMP).opens_at == 1_767_225_600_000


@given(cents=st.integers(1, 2**53))
def test_a_price_is_exact(cents: int):
    text = f"[[items]]\nname = 'x'\nstarting_price = {cents // 100}.{cents % 100:02}\n"
    assert items(ROOM + text)[0].starting_price == cents


def test_prices_have_the_currency_s_decimals():
    for currency, price, minor in (("JPY", "500", 500), ("KWD", "1.005", 1005)):
        room = f'[room]\nname = "r"\ncurrency = "{currency}"\nincrement = 1\n'
        assert items(room + f"[[items]]\nname = 'x'\nstarting_price = {price}\n")[0].starting_price == minor


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "c.toml: has no items"),
        (ROOM, "has no items"),
        ("[room\n", "is not TOML"),
        ("a = " + "[" * 5000, "is not TOML"),
        (ROOM + "x = " + "9" * 5000 + "\n" + LAMP, "is not TOML"),
        (ROOM + "items = 3\n", "items"),
        (ROOM + LAMP + "[more]\nx = 1\n", "more: is not known here; the keys are room, limits, items"),
        (ROOM + "windw = 3\n" + LAMP, "c.toml:5: [room]: windw: is not known here; did you mean window?"),
        (ROOM + LAMP + "currency = 'EUR'\n", "it belongs into [room]"),
        ("[room]\ncurrency = 'EUR'\nincrement = 1\n" + LAMP, "[room]: name: is missing"),
        ("[room]\nname = 'r'\nincrement = 1\n" + LAMP, "[room]: currency: is missing"),
        ("[room]\nname = 'r'\ncurrency = 'Euro'\nincrement = 1\n" + LAMP, "'Euro' is not a currency"),
        ("[room]\nname = 'r'\ncurrency = 'EUR'\n" + LAMP, "increment: is missing; write it here, or in [room]"),
        (ROOM + "[[items]]\nstarting_price = 1\n", "item 1: name: is missing"),
        (ROOM + "[[items]]\nname = 'x'\n", "item 1 ('x'): starting_price: is missing"),
        (ROOM + LAMP + "increment = 0\n", "c.toml:8: item 1 ('Desk lamp'): increment: 0 is out of range"),
        (ROOM + LAMP + "increment = -1.0\n", "out of range"),
        (ROOM + LAMP + "increment = 1.001\n", "too many decimals; EUR has 2"),
        (ROOM + LAMP + "increment = '1'\n", "is a text; write the number without quotes"),
        (ROOM + LAMP + "increment = true\n", "true is not a number"),
        (ROOM + LAMP + "increment = inf\n", "out of range"),
        (ROOM + LAMP + "increment = nan\n", "out of range"),
        (ROOM + LAMP + "increment = 1e300\n", "out of range"),
        (ROOM + LAMP + "units = 0\n", "write a whole number from 1 to 100000"),
        (ROOM + LAMP + "units = 1.5\n", "write a whole number"),
        (ROOM + LAMP + "window = 0\n", "out of range"),
        (ROOM + LAMP + "window = 0.0001\n", "window: 0.0001 is out of range"),
        (ROOM + LAMP + "id = 'a b'\n", "is not an id"),
        (ROOM + LAMP + LAMP, "'desk-lamp' is the id of item 1 ('Desk lamp'), too"),
        (ROOM + LAMP + "closing = 'never'\n", 'write "live" or "timed"'),
        (ROOM + LAMP + "closing = 'timed'\n", "so say when: closes_at = "),
        (ROOM + LAMP + "duration = 5\n", 'duration: is only for closing = "timed"'),
        (ROOM + LAMP + "closing = 'timed'\nduration = 5\nopening = 3\n", 'opening: is only for closing = "live"'),
        (ROOM + LAMP + "closing = 'timed'\ncloses_at = 2026-01-01T00:00:00Z\n", "has passed"),
        (ROOM + LAMP + "closing = 'timed'\ncloses_at = 2028-01-01T00:00:00\n", "has no time zone"),
        (ROOM + LAMP + "closing = 'timed'\ncloses_at = 2028-01-01T00:00:00Z\nunits = 2\n", "need a duration"),
        (
            ROOM + LAMP + "closing = 'timed'\ncloses_at = 2028-01-01T00:00:00Z\nhard_end = 2027-12-31T00:00:00Z\n",
            "hard_end: is before closes_at",
        ),
        (ROOM + "order = 'random'\n" + LAMP, '\'random\' is not known here; write "together" or "one-by-one"'),
        (ROOM + "next_item = 'by-hand'\n" + LAMP, 'next_item: is only for order = "one-by-one"'),
        (ROOM + "opens_at = '20:00'\n" + LAMP, "opens_at: '20:00' is not a moment"),
        (ROOM + "order = ['together']\n" + LAMP, "order: a list is not known here"),
        (ROOM + "seller = 'Ana'\n" + LAMP, "seller: is not known here; it belongs into [[items]]"),
        (ROOM + f"opens_at = {MOMENT}\ncloses_at = {MOMENT}\n" + TIMED + LAMP, "closes_at: is not after opens_at"),
        (
            ROOM + TIMED + f"order = 'one-by-one'\ncloses_at = {MOMENT}\n" + LAMP + LAMP + "id = 'b'\n",
            "c.toml:7: [room]: closes_at: is for the first item only",
        ),
        (
            ROOM + TIMED + f"order = 'one-by-one'\nduration = 5\n{LAMP}{LAMP}id = 'b'\ncloses_at = {MOMENT}\n",
            "item 2 ('b'): closes_at: is for the first item only",
        ),
        (ROOM + LAMP + "reserve = 7.99\n", "reserve: 7.99 is below the starting price, 8.00"),
        (ROOM + LAMP + "buy_now = 8.00\n", "buy_now: 8.00 is not above the starting price, 8.00"),
        (ROOM + LAMP + "reserve = 30\nbuy_now = 20\n", "buy_now: 20.00 is below the reserve, 30.00"),
        (ROOM + LAMP + "category = ''\n", "category: is empty"),
        (ROOM + LAMP + "picture = 7\n", "picture: 7 is not a text"),
        (ROOM + LAMP + "picture = '../x.jpg'\n", "c.toml:8: item 1 ('Desk lamp'): picture: '../x.jpg' has a part that"),
        (ROOM + LAMP + "picture = 'lamp.pdf'\n", "picture: 'lamp.pdf' doesn't end like a picture; the endings are jpg"),
        (ROOM + LAMP + "picture = 'https://'\n", "picture: 'https://' is an address without a host"),
        (ROOM + LAMP + "units_each = 0\n", "units_each: 0 will not do"),
        (ROOM + LAMP + "increment = 'lots'\n", "'lots' is not an increment; write an amount such as 5.00"),
        (ROOM + LAMP + "increment = '0%'\n", "a percentage is from 0.01% to 100%"),
        (ROOM + LAMP + "increment = '101%'\n", "a percentage is from 0.01% to 100%"),
        (ROOM + LAMP + "increment = '0.005%'\n", "with two decimals at most"),
        (ROOM + LAMP + "increment = '5% of 1'\n", 'write it like "5%", or "5% rounded to 0.50"'),
        (ROOM + LAMP + "increment = '5% rounded to 0.005'\n", "too many decimals"),
        (
            ROOM.replace("EUR", "JPY") + LAMP + "increment = 'ebay'\n",
            '"ebay" is for currencies with 2 decimals; JPY has 0',
        ),
        (ROOM + LAMP + "increment = []\n", "has 0 steps"),
        (ROOM + LAMP + f"increment = {[[n, 1] for n in range(101)]}\n", "has 101 steps"),
        (ROOM + LAMP + "increment = [0, 1]\n", "is not a ladder; write pairs"),
        (ROOM + LAMP + "increment = [[1, 1]]\n", "begins at the price 1; the first price is 0"),
        (ROOM + LAMP + "increment = [['0', 1]]\n", "the first price is 0"),
        (ROOM + LAMP + "increment = [[0, 1], [5, 2], [5, 3]]\n", "has prices that don't rise"),
        (ROOM + LAMP + "increment = [[0, 0]]\n", "0 is out of range"),
        (ROOM + "[limits]\nmessages_per_second = 0\n" + LAMP, "[limits]: messages_per_second"),
    ],
)
def test_what_is_wrong_is_said(text: str, expected: str):
    assert expected in "\n".join(problems(text))


def test_what_many_items_have_from_their_room_is_said_once():
    room = ROOM + TIMED + f"closes_at = {MOMENT}\nopens_at = {MOMENT}\n"
    assert "[room]: closes_at: is not after opens_at" in problem(
        room + "".join(f"{LAMP}id = 'n{n}'\n" for n in range(9))
    )


def test_everything_wrong_is_said_at_once():
    text = ROOM + LAMP + "units = 0\n" + LAMP + "id = 'b'\nwindow = 0\n"
    assert [line.split(": ")[0] for line in problems(text)] == ["c.toml:8", "c.toml:13"]
    many = ROOM + "".join(f"[[items]]\nname = 'x{n}'\n" for n in range(30))
    with pytest.raises(CatalogueError, match="and 20 more"):
        parse_catalogue(many, "c.toml", NOW)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "has no items"),
        (b"\x00\x01\x02\xff\xfe", "is not text in UTF-8"),
        ("[room]\nname = 'Büro'".encode("latin-1"), ":2: is not text in UTF-8"),
        (b"#" * (MAX_FILE_BYTES + 1), "is too large"),
    ],
)
def test_hostile_files(tmp_path: Path, content: bytes, expected: str):
    path = tmp_path / "c.toml"
    path.write_bytes(content)
    with pytest.raises(CatalogueError, match=expected):
        read_catalogue(path, NOW)


def test_files_that_cannot_be_read(tmp_path: Path):
    for path, expected in ((tmp_path, "is a directory"), (tmp_path / "none.toml", "no such file")):
        with pytest.raises(CatalogueError, match=expected):
            read_catalogue(path, NOW)


def test_a_byte_order_mark_is_met(tmp_path: Path):
    path = tmp_path / "c.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (ROOM + LAMP).encode())
    assert read_catalogue(path, NOW).terms.name == "Sale"


@given(st.text(max_size=200) | st.text(alphabet="[]{}=\"'\n.#0 aroomites", max_size=60))
def test_any_text_is_a_catalogue_or_an_error(text: str):
    with suppress(CatalogueError):
        parse_catalogue(text, "c.toml", NOW)


def test_the_sample_says_something_about_every_key():
    assert len(parse_catalogue(SAMPLE, "sample", NOW).terms.items) == 2
    lines = [line[2:] if line.startswith("# ") and " = " in line else line for line in SAMPLE.splitlines()]
    everything = [line for line in lines if not line.startswith('closing = "live')]
    everything = [line for line in everything if not line.startswith("opening")]
    timed = parse_catalogue("\n".join(everything), "sample", NOW).terms.items
    assert all(isinstance(item.closing, TimedClosing) for item in timed)


@pytest.mark.parametrize(
    "path", [EXAMPLE_PATH, *sorted((ROOT / "examples").glob("*.toml"))], ids=lambda path: path.name
)
def test_the_examples_open(path: Path):
    catalogue = read_catalogue(path, NOW)
    assert sum(item.units for item in catalogue.terms.items) >= 12


def test_the_demo_is_large_enough():
    terms = read_catalogue(ROOT / "examples" / "office-surplus.toml", NOW).terms
    assert len(terms.items) >= 6
    assert sum(item.units for item in terms.items) >= 20
