"""Names: what is taken, what is not, and which names count as one."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidroom.rules.names import MAX_NAME_LENGTH, BadName, clean_name, name_key

# Troublemakers, more often than chance would bring them up: letters that fold to two or to others, ligatures, marks,
# Greek sigmas, an iota below, odd spaces.
TROUBLE = (
    "aA bBsSi\u0130I\u0131\u00df\u1e9e\u00e9\u00c5\u212b\u017f\ufb01\ufb00"
    "\u03a3\u03c3\u03c2\u0301\u0308\u0344\u0345\u1fb3 \u3000\u00a0"
)
INVISIBLE = "\u200b\u202e\ufe0f\u3164\u00ad\u0000\u2028"

anything = st.text(st.characters(exclude_categories=[]) | st.sampled_from(TROUBLE + INVISIBLE), max_size=60)
likely_names = st.text(
    st.characters(categories=["L", "M", "N", "P", "S", "Zs"], exclude_characters=INVISIBLE) | st.sampled_from(TROUBLE),
    min_size=1,
    max_size=45,
)


def cleaned(name: str) -> str:
    try:
        return clean_name(name)
    except BadName:
        return "Ana"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ana", "Ana"),
        ("  Ana \u00a0 Maria\u3000", "Ana Maria"),
        ("Ame\u0301lie", "Am\u00e9lie"),
        ("王小明", "王小明"),
        ("Ольга", "Ольга"),
        ("شريف", "شريف"),
        ("🦊 Fox", "🦊 Fox"),
        ("x" * 40, "x" * 40),
        ("e\u0301" * 40, "\u00e9" * 40),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ],
)
def test_taken(written: str, name: str):
    assert clean_name(written) == name


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param(" \u00a0\u3000 ", id="spaces"),
        pytest.param("x" * 41, id="41 characters"),
        pytest.param("x" * 1_000_000, id="huge"),
        pytest.param(" " * 500 + "Ana", id="huge with spaces"),
        pytest.param("\u0301", id="a mark alone"),
        pytest.param("\u0301 \u0301", id="marks and spaces"),
        pytest.param("\u20dd", id="an enclosing mark alone"),
        pytest.param("An\x00a", id="NUL"),
        pytest.param("Ana\n", id="newline"),
        pytest.param("\x1b[31mAna", id="terminal escape"),
        pytest.param("An\x7fa", id="delete"),
        pytest.param("An\x85a", id="C1 control"),
        pytest.param("Ana\u202e", id="right-to-left override"),
        pytest.param("\u2066Ana\u2069", id="bidi isolate"),
        pytest.param("Ana\u200f", id="right-to-left mark"),
        pytest.param("An\u200ba", id="zero-width space"),
        pytest.param("An\u200da", id="zero-width joiner"),
        pytest.param("\ufeffAna", id="byte order mark"),
        pytest.param("An\u00ada", id="soft hyphen"),
        pytest.param("An\u2060a", id="word joiner"),
        pytest.param("An\u2028a", id="line separator"),
        pytest.param("An\ud800a", id="surrogate"),
        pytest.param("An\ue000a", id="private use"),
        pytest.param("An\U000e0041a", id="tag character"),
        pytest.param("An\u0378a", id="unassigned"),
        pytest.param("Ana\ufe0f", id="variation selector"),
        pytest.param("Ana\U000e0100", id="another variation selector"),
        pytest.param("An\u034fa", id="grapheme joiner"),
        pytest.param("\u3164", id="Hangul filler"),
        pytest.param("Ana\uffa0", id="halfwidth Hangul filler"),
        pytest.param("\u2800\u2800", id="braille blank"),
    ],
)
def test_refused(name: str):
    with pytest.raises(BadName, match="A name has"):
        clean_name(name)


@given(anything | likely_names)
def test_a_cleaned_name_keeps_the_rules_and_stays_as_it_is(written: str):
    name = cleaned(written)
    assert clean_name(name) == name
    assert 1 <= len(name) <= MAX_NAME_LENGTH
    assert unicodedata.is_normalized("NFC", name)
    assert name == name.strip()
    assert "  " not in name
    assert all(character == " " or not character.isspace() for character in name)
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for character in name)
    assert any(unicodedata.category(character)[0] in "LNPS" for character in name)


@given(likely_names)
def test_a_key_is_its_own_key_and_blind_to_case_and_form(written: str):
    name = cleaned(written)
    key = name_key(name)
    assert name_key(key) == key
    assert name_key(unicodedata.normalize("NFD", name)) == key
    assert name_key(unicodedata.normalize("NFKC", name)) == key
    assert name_key(name.casefold()) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana", "aNA"),
        ("Straße", "STRASSE"),
        ("Stra\u1e9ee", "strasse"),
        ("\u0130zmir", "i̇zmir"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("ﬁnn", "Finn"),
        ("\u017fam", "Sam"),
        ("\uff21\uff4e\uff41", "ana"),
        ("Ana①", "ana1"),
        ("Ⅳ", "iv"),
        ("Am\u00e9lie", "AME\u0301LIE"),
        ("\u0390", "\u03aa\u0301"),  # small and capital iota with both marks, of which only one is a single character
        ("℡", "tel"),
        ("\u212ang", "kng"),  # the Kelvin sign
    ],
)
def test_names_that_count_as_one(one: str, other: str):
    assert name_key(clean_name(one)) == name_key(clean_name(other))


@pytest.mark.parametrize(
    ("one", "other"), [("Ana", "Anna"), ("Amelie", "Amélie"), ("\u0130", "I"), ("\u0131", "i"), ("Ana 1", "Ana1")]
)
def test_names_that_don_t(one: str, other: str):
    assert name_key(clean_name(one)) != name_key(clean_name(other))
