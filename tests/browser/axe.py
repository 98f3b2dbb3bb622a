"""axe-core, which finds what keeps people with disabilities from using a page (WCAG 2, levels A and AA).

It comes into a page by way of the debugger, which no content policy stops.
"""

from typing import Any, NamedTuple

from playwright.async_api import Page

CHECK = """() => axe.run(document, {
    runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]},
    resultTypes: ["violations"],
})"""


class Violation(NamedTuple):
    """One element that breaks one rule. `target` is where it is, and `why` what to do about it."""

    rule: str
    impact: str
    help: str
    target: str
    html: str
    why: str

    def __str__(self) -> str:
        return f"{self.impact} {self.rule}: {self.help}\n    at {self.target}: {self.html}\n    {self.why}"


async def violations(page: Page, source: str) -> list[Violation]:
    """What is serious or critical on the page as it is now; printed as well, in full."""
    await page.evaluate(source)
    told = await page.evaluate(CHECK)
    found = [
        _violation(rule, node)
        for rule in told["violations"]
        for node in rule["nodes"]
        if node["impact"] in ("serious", "critical")
    ]
    for violation in found:
        print(violation)
    return found


def _violation(rule: dict[str, Any], node: dict[str, Any]) -> Violation:
    why = " ".join(node["failureSummary"].split())
    return Violation(rule["id"], node["impact"], rule["help"], " ".join(map(str, node["target"])), node["html"], why)
