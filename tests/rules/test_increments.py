"""Steps by price, at every edge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidroom.rules.increments import PRESETS, Ladder, Percentage, Rung, step

EBAY = [
    (1, 5), (99, 5), (100, 25), (499, 25), (500, 50), (24_99, 50), (25_00, 100), (99_99, 100), (100_00, 250),
    (249_99, 250), (250_00, 500), (499_99, 500), (500_00, 10_00), (999_99, 10_00), (1_000_00, 25_00),
    (2_499_99, 25_00), (2_500_00, 50_00), (4_999_99, 50_00), (5_000_00, 100_00), (10**12, 100_00),
]  # fmt: skip
TRADEME = [
    (1, 50), (19_99, 50), (20_00, 100), (199_99, 100), (200_00, 5_00), (999_99, 5_00), (1_000_00, 10_00),
    (4_999_99, 10_00), (5_000_00, 50_00), (24_999_99, 50_00), (25_000_00, 100_00), (10**12, 100_00),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ladder", "price", "up"), [("ebay", *edge) for edge in EBAY] + [("trademe", *edge) for edge in TRADEME]
)
def test_presets_at_their_edges(ladder: str, price: int, up: int):
    assert step(PRESETS[ladder], price) == up


def test_a_fixed_step():
    assert (step(10, 1), step(10, 10**15)) == (10, 10)


@pytest.mark.parametrize(
    ("price", "up"),
    [(1, 50), (1000, 50), (1001, 100), (2000, 100), (2001, 150), (10_000, 500)],
)
def test_a_percentage_is_rounded_up_to_a_multiple(price: int, up: int):
    assert step(Percentage(basis_points=500, rounded_to=50), price) == up


@given(st.integers(1, 10**12), st.integers(1, 10_000), st.integers(1, 10_000))
def test_a_percentage_is_exact_and_never_nothing(price: int, basis_points: int, rounded_to: int):
    up = step(Percentage(basis_points, rounded_to), price)
    assert up % rounded_to == 0
    assert up > 0
    assert up * 10_000 >= price * basis_points > (up - rounded_to) * 10_000


@given(st.lists(st.integers(1, 100), min_size=1, max_size=6), st.integers(0, 700))
def test_a_ladder_is_the_last_rung_not_above_the_price(widths: list[int], price: int):
    prices = [0]
    for width in widths:
        prices.append(prices[-1] + width)
    ladder = Ladder(tuple(Rung(at, number + 1) for number, at in enumerate(prices)))
    assert step(ladder, price) == len([at for at in prices if at <= price])
