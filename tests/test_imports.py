"""The walls of the house: which part may import which, and what the pure parts may not touch.

Every import statement of every module is looked at, also those inside functions and under `if TYPE_CHECKING`.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "bidroom").rglob("*.py"))

MAY_IMPORT: dict[str, set[str]] = {
    "rules": set(),
    "wire": {"rules"},
    "errors": set(),
    "clock": set(),
    "journal": {"rules", "errors"},
    "catalogue": {"rules", "errors", "limits"},
    "limits": set(),
    "results": {"rules"},
    "explain": {"rules", "errors"},
    "client": {"wire", "rules", "errors", "clock"},
    "server": {"wire", "rules", "journal", "results", "errors", "clock", "limits"},
    "terminal": {
        "client",
        "server",
        "wire",
        "rules",
        "journal",
        "catalogue",
        "results",
        "explain",
        "errors",
        "clock",
        "limits",
    },
    "cli": {
        "terminal",
        "client",
        "server",
        "wire",
        "rules",
        "journal",
        "catalogue",
        "results",
        "explain",
        "errors",
        "clock",
        "limits",
    },
    "bootstrap": set(),  # it runs before there are any libraries
    "__main__": {"bootstrap", "cli"},
    "__init__": set(),
}
"""Which parts of bidroom a part may import, besides itself. A new part has to be let in here, with its reasons."""

PURE = {"rules", "wire"}
IMPURE_MODULES = {
    "asyncio",
    "concurrent",
    "datetime",
    "importlib",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "queue",
    "random",
    "secrets",
    "select",
    "selectors",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "uuid",
    "aiohttp",
    "prometheus_client",
    "rich",
    "structlog",
    "uvloop",
}
IMPURE_BUILTINS = {"open", "print", "input", "exec", "eval", "__import__"}

CONTRACT = {"bidroom.journal.journal", "bidroom.journal.chain", "bidroom.journal.replay", "bidroom.journal.backup"}
"""What the server knows of the journal: the contract and what all backends share (also how a copy is made of any)."""


def part_of(module: str) -> str:
    """The part of bidroom that a module, or a name in one, belongs to: `rules` for `bidroom.rules.item.Item`."""
    return module.split(".")[1] if "." in module else "__init__"


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(source: str, package: str) -> Iterator[str]:
    """The dotted names that a module inside `package` imports, `from` imports down to the name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            home = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{home}.{alias.name}" for alias in node.names)


def imports_of(path: Path) -> list[str]:
    package = ".".join(path.relative_to(ROOT).parent.parts)
    return list(imports(path.read_text(encoding="utf-8"), package))


def inside(names: list[str]) -> list[str]:
    return [name for name in names if name == "bidroom" or name.startswith("bidroom.")]


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_point_one_way(path: Path):
    part = part_of(module_name(path))
    assert part in MAY_IMPORT, f"{part} is a new part of the house: say in MAY_IMPORT what it may import"
    wrong = [name for name in inside(imports_of(path)) if part_of(name) not in MAY_IMPORT[part] | {part}]
    assert not wrong, f"{part} must not import {wrong}"


@pytest.mark.parametrize("path", [path for path in MODULES if part_of(module_name(path)) in PURE], ids=module_name)
def test_the_pure_parts_touch_nothing_outside(path: Path):
    assert not [name for name in imports_of(path) if name.split(".")[0] in IMPURE_MODULES]
    called = {node.id for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Name)}
    assert not called & IMPURE_BUILTINS


@pytest.mark.parametrize("path", [path for path in MODULES if part_of(module_name(path)) == "server"], ids=module_name)
def test_the_server_knows_no_backend_of_the_journal(path: Path):
    used = [name for name in imports_of(path) if name.startswith("bidroom.journal")]
    assert not [name for name in used if name.rpartition(".")[0] not in CONTRACT and name not in CONTRACT]


def test_the_bootstrap_needs_nothing_but_python():
    outside = [name.split(".")[0] for name in imports_of(ROOT / "bidroom" / "bootstrap.py")]
    assert set(outside) <= sys.stdlib_module_names


def test_the_walk_sees_every_part():
    parts = {part_of(module_name(path)) for path in MODULES}
    assert parts >= {"rules", "wire", "journal", "server", "client"}


def test_the_walk_sees_every_way_to_import():
    source = """
import asyncio, os.path as p
from time import monotonic
from . import state
from .item import Item
from ..server import room
from bidroom import client
def late():
    if True:
        import socket
class Nested:
    from random import random
if TYPE_CHECKING:
    from bidroom.server.room import Room
"""
    assert set(imports(source, "bidroom.rules")) == {
        "asyncio",
        "os.path",
        "time.monotonic",
        "bidroom.rules.state",
        "bidroom.rules.item.Item",
        "bidroom.server.room",
        "bidroom.client",
        "socket",
        "random.random",
        "bidroom.server.room.Room",
    }
