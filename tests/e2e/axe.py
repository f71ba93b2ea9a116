"""What axe finds wrong with a page, by the rules of WCAG 2.2 AA and its own best practice."""

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", RULES)["violations"]
    return [f"{v['id']}: {v['help']}: {v['nodes'][0]['target']}" for v in found]
