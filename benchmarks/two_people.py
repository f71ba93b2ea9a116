"""Two people in real browsers review one batch each of the same campaign on a real dataset; they disagree, and a
supervisor settles it on the desk. Everything is clicked and typed; what the database holds afterwards is printed.

    python benchmarks/two_people.py MANIFEST IMAGES TRUTH --label LABEL

The first person flags what the truth says is wrong and names its label; the second flags nothing.
"""

import argparse
import json
import os
import secrets
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
PASSWORD = secrets.token_urlsafe(12)
PATIENCE = 20_000  # milliseconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--label", required=True, help="the class whose first batch both look at")
    arguments = parser.parse_args()
    os.environ.setdefault("MLFIX_VAR", tempfile.mkdtemp(prefix="mlfix-bench-"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "mlfix_site.settings"
    from mlfix_site import embedded

    embedded.ensure()
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    print(json.dumps(play(arguments)))


def play(arguments: argparse.Namespace) -> dict[str, Any]:
    from mlfix_site.running import some_site
    from review.models import Campaign
    from review.simulation.minds import Truth

    campaign = prepare(arguments)
    truth = Truth.read(arguments.truth, campaign.dataset_id)
    with some_site(None, print) as url:
        click_through(url, campaign, truth)
    campaign = Campaign.objects.get(pk=campaign.pk)
    return {
        "looks": campaign.looks.count(),
        "flags": campaign.looks.exclude(reason="").count(),
        "states": dict(Counter(campaign.verdicts.filter(counted=2).values_list("state", flat=True))),
        "fixes": [
            {"key": f.item.key, "from": f.old_label.name, "to": f.new_label.name, "by": f.by.username}
            for f in campaign.fixes.select_related("item", "old_label", "new_label", "by")
        ],
    }


def prepare(arguments: argparse.Namespace) -> Any:
    """Import and rank the dataset, open a campaign of two looks over one class, and make its people."""
    from review.management.commands.import_dataset import read_source
    from review.management.following import follow
    from review.management.progress import Progress
    from review.models import Job, User
    from review.operations import import_, plan, projects

    people = {name: User.objects.create_user(name, password=PASSWORD) for name in ("lead", "ann", "ben", "sue")}
    project = projects.create(name="Signs", by=people["lead"])
    for name, role in (("ann", "reviewer"), ("ben", "reviewer"), ("sue", "supervisor")):
        projects.set_member(project=project, user=people[name], role=role, by=people["lead"])
    source = read_source(arguments.manifest, arguments.images)
    dataset, job = import_.start(project=project, by=people["lead"], name="Signs", source=source)
    settings = {"policy": "fixed", "looks_max": 2, "honeypots": 0, "slice": {"labels": [arguments.label]}}
    with Progress() as progress:
        follow(job, progress)
        follow(dataset.jobs.get(kind=Job.Kind.RANK), progress)
        campaign, job = plan.start(dataset=dataset, by=people["lead"], name="Two looks", settings=settings)
        follow(job, progress)
    return campaign


def click_through(url: str, campaign: Any, truth: Any) -> None:
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    with sync_playwright() as playwright:
        # Playwright leaves its event loop set in this thread; the ORM is safe beside it.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        flagged = review(sign_in(browser, url, "ann", f"/campaigns/{campaign.pk}/review/"), campaign, truth)
        review(sign_in(browser, url, "ben", f"/campaigns/{campaign.pk}/review/"), campaign, None)
        settle(sign_in(browser, url, "sue", f"/campaigns/{campaign.pk}/disputes/"), flagged)
        browser.close()


def sign_in(browser: Any, url: str, name: str, path: str) -> Any:
    page = browser.new_context(base_url=url).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"/login/?next={path}")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return page


def review(page: Any, campaign: Any, truth: Any) -> int:
    """One batch: flag what the truth calls wrong (nothing where there is no truth), see all, hand in."""
    from review.models import Assignment

    page.locator(".tile").first.wait_for()
    assignment = Assignment.objects.filter(campaign=campaign, state="lent", opened_at__isnull=False).latest("pk")
    wrong = {}
    for tile in assignment.tiles.select_related("item", "label") if truth else []:
        right = truth.labels.get(tile.item.key, tile.label.name)
        if right != tile.label.name:
            wrong[tile.position] = right
    for position, right in sorted(wrong.items()):
        page.locator(f'.tile[data-position="{position}"]').click()
        page.keyboard.press("l")
        page.keyboard.type(right.replace("-", " "))
        page.keyboard.press("Enter")
    while page.locator("#unseen-count").inner_text().split()[0] != "0":
        page.keyboard.press("n")
        page.wait_for_timeout(500)
    with page.expect_response("**/submit/") as answer:
        page.locator("#hand-in").click()
    print(f"{assignment.reviewer.username}: {len(wrong)} flagged, {answer.value.json()}", flush=True)
    page.context.close()
    return len(wrong)


def settle(page: Any, cases: int) -> None:
    """Accept the suggestion of each dispute with its key."""
    for left in range(cases, 0, -1):
        page.locator("aside[data-case]").wait_for()
        with page.expect_response("**/resolutions/") as answer:
            page.keyboard.press("1")
        print(f"{left} to settle: {answer.value.json()['settled'][0]['state']}")
        page.wait_for_timeout(300)
    page.context.close()


if __name__ == "__main__":
    main()
