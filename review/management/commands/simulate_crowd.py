"""Let simulated people review a campaign over HTTP, as real users, until nothing is left."""

import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from mlfix_site import running

from ...models import Campaign, Role, User, Verdict
from ...operations import projects, refit, sweep
from ...simulation.minds import Habits, Labels, Mind, Truth
from ...simulation.people import Reviewer, Supervisor, Tally, Visitor, at_once
from .. import finding
from ..json_command import JsonCommand
from ..progress import Progress

# After a round of reviews and resolutions some items may be asked again; this many rounds are more than enough.
MOST_ROUNDS = 50


class Command(JsonCommand):
    help = "Simulate reviewers. The last line is JSON: assignments, looks, flags, resolutions, seconds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", help="name or id")
        parser.add_argument("--truth", type=Path, required=True, help="CSV: key or image, true_label, planted")
        parser.add_argument("--reviewers", type=int, default=8)
        parser.add_argument("--sensitivity", type=float, default=Habits.sensitivity)
        parser.add_argument("--specificity", type=float, default=Habits.specificity)
        parser.add_argument("--label-accuracy", type=float, default=Habits.label_accuracy)
        parser.add_argument("--seed", type=int, default=Habits.seed)
        parser.add_argument("--supervisor", action="store_true", help="let disputes be resolved too")
        parser.add_argument("--supervisor-accuracy", type=float, default=Habits.supervisor_accuracy)
        parser.add_argument("--url", help="a site on these engines; the running one, or one of its own, if left out")

    def work(self, *, campaign: str, truth: Path, reviewers: int, url: str | None, **options: Any) -> dict[str, Any]:
        found, tally = finding.campaign(campaign), Tally()
        if found.state != Campaign.State.OPEN:
            raise CommandError(f"The campaign is {found.state}; people can review only what is open.")
        habits = Habits(**{name: options[name] for name in Habits.__dataclass_fields__})
        mind = Mind(Truth.read(truth, found.dataset_id), Labels(found.dataset_id), habits)
        with Progress() as progress, running.some_site(url, progress.say) as site:
            people = [
                Reviewer(n, sign_in(site, found, f"simulated-{n}", Role.REVIEWER), found, mind, tally)
                for n in counted(range(1, reviewers + 1), progress)
            ]
            desk = None
            if options["supervisor"]:
                visitor = sign_in(site, found, "simulated-supervisor", Role.SUPERVISOR)
                desk = Supervisor(visitor, found, mind, tally)
            review(found, people, desk, tally, progress)
        return {name: getattr(tally, name) for name in ("assignments", "looks", "flags", "resolutions")}


def counted(numbers: range, progress: Progress) -> Any:
    for done, number in enumerate(numbers):
        progress.show("Signing in", done, len(numbers))
        yield number
    progress.show("Signing in", len(numbers), len(numbers))


def sign_in(site: str, campaign: Campaign, username: str, role: Role) -> Visitor:
    """A real user of the project with a password of this run, signed in over HTTP."""
    password = secrets.token_urlsafe(24)
    user, _ = User.objects.get_or_create(username=username)
    user.set_password(password)
    user.save()
    project = campaign.dataset.project
    projects.set_member(project=project, user=user, role=role, by=finding.lead_of(project))
    return Visitor(running.client(site), username, password)


def review(
    campaign: Campaign, people: list[Reviewer], desk: Supervisor | None, tally: Tally, progress: Progress
) -> None:
    """Rounds of reviewing and resolving, until one finds nothing to do."""
    for _ in range(MOST_ROUNDS):
        before = tally.acts()
        at_once([person.work for person in people], lambda: show(campaign, tally, progress))
        if desk:
            desk.work()
        show(campaign, tally, progress)
        if tally.acts() == before:
            return
        refit.refit(campaign.pk)
        sweep.sweep()


def show(campaign: Campaign, tally: Tally, progress: Progress) -> None:
    items = Verdict.objects.filter(campaign=campaign)
    settled = items.exclude(state__in=[Verdict.State.OPEN, Verdict.State.DISPUTED]).count()
    progress.show("Reviewing", settled, items.count(), f"{tally.assignments:,} hand-ins, {tally.looks:,} looks")
