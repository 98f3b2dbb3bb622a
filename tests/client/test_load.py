"""Strategies by name: found in the current directory, and a clear line for whatever is wrong with them."""

import sys
from pathlib import Path

import pytest

from bidroom.client.strategies import Steady, StrategyError, load_strategy


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return tmp_path


def write(here: Path, name: str, text: str) -> None:
    (here / f"{name}.py").write_text(text)


def test_a_strategy_of_the_current_directory(here: Path) -> None:
    write(
        here, "mine_here", "class Mine:\n    def __init__(self, limits): self.limits = limits\n    next_bid = print\n"
    )
    assert vars(load_strategy("mine_here:Mine")({"lamp": 3})) == {"limits": {"lamp": 3}}


def test_a_strategy_that_is_installed() -> None:
    assert load_strategy("bidroom.client.strategies:Steady") is Steady


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("mine", "names no strategy; write module:Class"),
        (":Mine", "names no strategy"),
        ("mine:", "names no strategy"),
        ("mine.py:Mine", "is a file; write the module's name"),
        ("./mine:Mine", "is a file"),
        ("nowhere_to_be_found:Mine", "no module 'nowhere_to_be_found' here"),
        ("bidroom.nowhere:Mine", "no module 'bidroom.nowhere' here"),
        ("bidroom.client.strategies.steady:Stedy", "has no class Stedy with a next_bid method; it has Steady."),
        ("bidroom.client.strategies:load_strategy", "has no class load_strategy with a next_bid method."),
        ("bidroom.client.strategies:Offer", "has no class Offer with a next_bid method"),
        ("..mine:Mine", "can't be imported"),
    ],
)
def test_what_is_no_strategy(spec: str, fault: str) -> None:
    with pytest.raises(StrategyError, match=fault):
        load_strategy(spec)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("import missing_thing", "can't be imported: No module named 'missing_thing'"),
        ("class Mine(", "can't be imported: SyntaxError"),
        ("1 / 0", "can't be imported: ZeroDivisionError: division by zero"),
    ],
)
def test_a_module_that_fails(here: Path, text: str, fault: str) -> None:
    name = f"failing_{abs(hash(text))}"
    write(here, name, text)
    with pytest.raises(StrategyError, match=fault):
        load_strategy(f"{name}:Mine")
