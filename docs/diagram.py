"""Draws the state diagram in docs/rules.md from the table of transitions, so that it can't tell anything else.

`python docs/diagram.py` writes it between the two marks in the page; a test holds the page to it.
"""

from pathlib import Path

from bidroom.rules.item import ItemPhase, ItemTerms, LiveClosing, new_item
from bidroom.rules.transitions import TRANSITIONS

PAGE = Path(__file__).parent / "rules.md"
BEGIN = "<!-- diagram: written by docs/diagram.py -->"
END = "<!-- end of diagram -->"


def diagram() -> str:
    """The phases of an item as a Mermaid state diagram, in a Markdown code block."""
    first = new_item(ItemTerms("any", "Any", 1, 1, 1, LiveClosing(window_ms=1))).phase
    return "\n".join(
        [
            "```mermaid",
            "stateDiagram-v2",
            f"    [*] --> {first.value}",
            *(
                f"    {phase.value} --> {following.value}: {event.__struct_config__.tag}"
                for (phase, event), following in TRANSITIONS.items()
            ),
            f"    {ItemPhase.FINISHED.value} --> [*]",
            "```",
        ]
    )


def drawn(page: str) -> str:
    """The page with the diagram as it has to be. Raises ValueError where the page has not exactly one place for it."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end) or BEGIN in after or END in after:
        raise ValueError(f"the page needs {BEGIN} and {END}, once each and in this order")
    return f"{before}{BEGIN}\n\n{diagram()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
