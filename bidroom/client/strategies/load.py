"""A strategy by its name, as the command line takes it: `module:Class`, found like Python finds modules, or in the
current directory."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from bidroom.client.strategies.strategy import Limits, Strategy, StrategyError

StrategyFactory = Callable[[Limits], Strategy]


def load_strategy(spec: str) -> StrategyFactory:
    """The strategy class that `module:Class` names. Raises StrategyError, which says what is wrong with it."""
    module_name, _, class_name = spec.partition(":")
    if not module_name or not class_name:
        raise StrategyError(f"{spec!r} names no strategy; write module:Class, as in my_strategy:Patient.")
    if module_name.endswith(".py") or "/" in module_name:
        raise StrategyError(f"{module_name!r} is a file; write the module's name, as in my_strategy:Patient.")
    module = _import(module_name)
    found = getattr(module, class_name, None)
    if not isinstance(found, type) or not callable(getattr(found, "next_bid", None)):
        raise StrategyError(f"{module_name} has no class {class_name} with a next_bid method{_others(module)}.")
    return found


def _import(name: str) -> ModuleType:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name + ".").startswith(error.name + "."):
            raise StrategyError(f"There is no module {name!r} here or among the installed ones.") from None
        raise StrategyError(f"{name} can't be imported: {error}.") from error
    except Exception as error:
        # A stranger's module may fail in any way while it is imported; the person at the terminal wants to know how.
        raise StrategyError(f"{name} can't be imported: {type(error).__name__}: {error}.") from error


def _others(module: ModuleType) -> str:
    classes = [value for value in vars(module).values() if isinstance(value, type) and hasattr(value, "next_bid")]
    own = sorted(value.__name__ for value in classes if value.__module__ == module.__name__)
    return f"; it has {', '.join(own)}" if own else ""
