"""Every message that a participant may send, made from its type: what a field may hold is read from the annotations."""

from typing import Any, get_args

import msgspec
from hypothesis import strategies as st
from msgspec import Struct, inspect

from bidroom.wire.codec import Inbound

KINDS: tuple[type[Struct], ...] = get_args(Inbound)


def tag(kind: type[Struct]) -> str:
    """What the message's `type` says."""
    return str(kind.__struct_config__.tag)


def messages(kind: type[Struct]) -> st.SearchStrategy[Any]:
    """Messages of one type."""
    return _values(inspect.type_info(kind))


def _values(kind: inspect.Type) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.StructType(cls, fields):
            return _structs(cls, fields)
        case inspect.IntType(ge=least, le=most):
            return st.integers(-(2**63) if least is None else least, 2**63 - 1 if most is None else most)
        case inspect.StrType(pattern=str(pattern)):
            return st.from_regex(pattern.replace("$", r"\Z"), fullmatch=True)
        case inspect.StrType(min_length=least, max_length=most):
            return st.text(min_size=least or 0, max_size=min(most or 40, 40))
        case inspect.UnionType(types):
            return st.one_of([_values(one) for one in types])
        case inspect.LiteralType(values):
            return st.sampled_from(values)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case _:
            raise AssertionError(f"no message has had a {kind} until now; say here how one is made")


def _structs(cls: type[Struct], fields: tuple[inspect.Field, ...]) -> st.SearchStrategy[Any]:
    return st.builds(cls, **{field.name: _values(field.type) for field in fields})


ANY_MESSAGE = st.one_of([messages(kind) for kind in KINDS])


def example(kind: type[Struct]) -> dict[str, Any]:
    """One plain message of a type with all its fields: what mutations begin with."""
    return {"type": tag(kind)} | _example(inspect.type_info(kind))


def _example(kind: inspect.Type) -> Any:
    match kind:
        case inspect.StructType(cls, fields):
            named = {cls.__struct_config__.tag_field: tag(cls)} if cls.__struct_config__.tag else {}
            return named | {field.encode_name: _example(field.type) for field in fields}
        case inspect.IntType():
            return 7
        case inspect.StrType(pattern=str(pattern)) if "{64}" in pattern:
            return "0a" * 32
        case inspect.StrType(min_length=least):
            return "lamp".ljust(least or 0, "p")
        case inspect.UnionType(types):
            return _example(types[0])
        case inspect.LiteralType(values):
            return values[0]
        case inspect.BoolType():
            return True
        case _:
            return None


EXAMPLES = [msgspec.json.encode(example(kind)) for kind in KINDS]
