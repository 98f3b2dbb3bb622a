"""Maximum prices as people give them, and names for those who give none."""

import re
from pathlib import Path

import pytest

from bidroom.errors import BidroomError
from bidroom.rules.names import clean_name
from bidroom.terminal.given_limits import read_limits
from bidroom.terminal.names import pleasant_name
from tests.terminal.views import a_view, an_item


def test_limits_by_id_or_name_from_file_and_options(tmp_path: Path) -> None:
    file = tmp_path / "limits.toml"
    file.write_text('"Desk lamp" = 20.10\nmug = 7\n')
    assert read_limits(file, ["MUG = 8.55"]).for_room(a_view()) == {"lamp": 2010, "mug": 855}
    assert read_limits(None, ["desk LAMP=12"]).for_room(a_view(currency="JPY")) == {"lamp": 12}
    assert read_limits(None, ["a=b=3"]).for_room(a_view(an_item("x", "a=b"))) == {"x": 300}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("vase = 3", "no item 'vase'"),
        ("mug = 3.001", "too many decimals"),
        ("mug = -3", "out of range"),
        ("mug = inf", "out of range"),
        ("mug = true", "write a price"),
        ("mug = [3]", "write a price"),
        ("mug is 3", "not TOML"),
    ],
)
def test_bad_limits_say_where_and_what(line: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "limits.toml"
    file.write_text(line)
    with pytest.raises(BidroomError, match=re.escape(str(file))) as error:
        read_limits(file, []).for_room(a_view())
    assert says in str(error.value)


def test_made_up_names_are_fit_to_join_with() -> None:
    names = {pleasant_name() for _ in range(200)}
    assert len(names) > 195
    assert all(clean_name(name) == name for name in names)
