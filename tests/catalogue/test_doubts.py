"""What is odd in a catalogue: texts whose encoding was broken before are found, names of the world are not."""

import pytest

from tests.catalogue.sheets import EUR, NOW, Desk


def doubts(desk: Desk, *names: str) -> list[str]:
    rows = "".join(f'{number},"{name}",5,1\n' for number, name in enumerate(names, start=1))
    return list(desk.read(f"id,name,price,step\n{rows}", EUR).warnings)


@pytest.mark.parametrize(
    "name",
    [
        *("Caf\u00c3\u00a9", "Lamp\u00e2\u20ac\u2122s light", "6\u00c2\u00a0persons", "\u00f0\u0178\u02dc\u20ac smile"),
        *("6\u2020persons", "O\u00edNeill", "\u00ebStill Life", "Parade\u00c6", "Lamp \ufffd"),
    ],
)
def test_a_broken_encoding_is_told(desk: Desk, name: str):
    (warning,) = doubts(desk, "Lamp", name)
    assert warning.startswith("1 item with characters that look like a broken encoding")
    assert ": 2; mend the texts" in warning


def test_names_of_the_world_are_no_broken_encoding(desk: Desk):
    names = ["Café Zoë", "Ærø kniv", "Señor Ibáñez", "São Paulo, ÂNGELA", "Škoda", "東京 lamp", "Así", "Öl", "“Lock”’s"]  # noqa: RUF001
    assert doubts(desk, *names, "Łódź – plan", "EL NIÑO", "smile 😀") == []  # noqa: RUF001


def test_once_a_letter_is_proven_wrong_it_is_suspect_everywhere(desk: Desk):
    (warning,) = doubts(desk, "García", "Helena O\u00edNeill", "Lamp")
    assert "(\u00ed): 1, 2;" in warning
    assert doubts(desk, "García", "Lamp") == []


def test_a_long_list_is_cut(desk: Desk):
    (warning,) = doubts(desk, *(f"{number}\u2020" for number in range(13)))
    assert "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 3 more;" in warning


def test_an_opening_that_has_passed_is_told(desk: Desk):
    toml = '[room]\nname="x"\ncurrency="EUR"\nincrement=1\nopens_at={}\n[[items]]\nname="y"\nstarting_price=1\n'
    reading = desk.read(toml.format("2026-01-01T00:00:00Z"), name="a.toml")
    assert "opens_at has passed, so bidding opens at once" in reading.warnings
    assert reading.catalogue.terms.opens_at is not None
    assert reading.catalogue.terms.opens_at < NOW
