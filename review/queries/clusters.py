"""Disputes that one decision may settle together: of one label, to which the consensus has the same answer, look-alikes
adjacent. What it holds for rather right is one question a label: the wrong one among them jumps out."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from ..consensus.fit import Fit
from ..models import AuditEvent, Campaign, DeskPlace, User, Verdict
from ..operations.decide import seen_looks
from ..operations.judge import Seen, candidates
from .items import disputes, doubted, label_names
from .proposals import Proposal, acceptable, answer, proposed

MOST_CASES = 2000  # of a campaign that are laid out at once, the most probably wrong
MOST_ALIKE = 48  # in one cluster, so that a glance takes them in
MOST_RISK = 0.9  # the share of the risk after which the rest may as well be accepted
USUAL_SECONDS, LONGEST_SECONDS = 12.0, 180.0  # a decision takes, and is taken to be a break after
PACED = 60  # of one's last decisions
FADES = datetime.timedelta(seconds=45)  # after which a supervisor's place at the desk says nothing

Key = tuple[int, str, int | None]  # the label, the answer, the label that it gives


@dataclass(frozen=True)
class Case:
    """A dispute as clusters see it. `thing`: what belongs together; `place`: along the look-alikes of its label;
    `answer`: what the consensus would do."""

    verdict: int
    label: int
    place: int
    thing: str
    probability: float
    answer: Proposal | None

    @property
    def risk(self) -> float:
        """The expected errors that a look at it takes away: how probably it ends up wrong without one."""
        return 1 - self.answer.sure if self.answer else self.probability

    @property
    def key(self) -> Key:
        return self.label, self.answer.action if self.answer else "", self.answer.label if self.answer else None


@dataclass(frozen=True)
class Cluster:
    key: Key
    cases: list[Case]

    @property
    def risk(self) -> float:
        return sum(case.risk for case in self.cases)


def clusters(cases: Iterable[Case], most: int = MOST_ALIKE) -> list[Cluster]:
    """The cases in clusters of at most `most` (or one thing), those first that take away the most risk."""
    by_key: dict[Key, list[Case]] = defaultdict(list)
    for case in together(cases):
        by_key[case.key].append(case)
    found = [
        Cluster(key, part)
        for key, alike in by_key.items()
        for part in parted(sorted(alike, key=lambda case: (case.place, case.verdict)), most)
    ]
    return sorted(found, key=lambda cluster: (-cluster.risk, cluster.cases[0].verdict))


def together(cases: Iterable[Case]) -> list[Case]:
    """Each case with the answer that is most probable of all that belong to its thing and label, and their first
    place: frames of one sign are one question."""
    things: dict[tuple[int, str], list[Case]] = defaultdict(list)
    for case in cases:
        things[(case.label, case.thing or f"alone {case.verdict}")].append(case)
    joined = []
    for some in things.values():
        weight: Counter[Key] = Counter()
        for case in some:
            weight[case.key] += case.answer.sure if case.answer else 0  # type: ignore[assignment]
        best = max(sorted(weight, key=str), key=lambda key: weight[key])
        chosen = next(case.answer for case in some if case.key == best)
        place = min(case.place for case in some)
        joined += [replace(case, place=place, answer=of_it(case, chosen)) for case in some]
    return joined


def of_it(case: Case, chosen: Proposal | None) -> Proposal | None:
    """What was chosen for a thing, as sure as this case's own looks make it."""
    if chosen is None or case.answer is None:
        return chosen and replace(chosen, sure=0.0)
    same = (case.answer.action, case.answer.label) == (chosen.action, chosen.label)
    return case.answer if same else replace(chosen, sure=0.0)


def parted(cases: Sequence[Case], most: int) -> list[list[Case]]:
    """Cut at the widest gaps along the look-alikes until no part is larger; what stands in one place stays together."""
    if len(cases) <= most:
        return [list(cases)]
    gaps = [later.place - earlier.place for earlier, later in zip(cases, cases[1:], strict=False)]
    middle = len(cases) / 2
    cut = max(range(len(gaps)), key=lambda k: (gaps[k], -abs(k + 1 - middle)))
    if gaps[cut] == 0:
        return [list(cases)]
    return parted(cases[: cut + 1], most) + parted(cases[cut + 1 :], most)


def cases_of(campaign: Campaign, rows: QuerySet[Verdict]) -> list[Case]:
    """Rows of `disputes` as cases."""
    if campaign.fit is None:
        return []
    verdicts = list(rows)
    fit, labels = Fit.from_json(campaign.fit.parameters), campaign.fit.label_count
    looks: dict[int, list[Seen]] = defaultdict(list)
    for look in seen_looks(campaign, [v.item_id for v in verdicts]):
        looks[look.item].append(look)
    return [case_of(verdict, looks[verdict.item_id], fit, labels) for verdict in verdicts]


def case_of(verdict: Verdict, looks: list[Seen], fit: Fit, labels: int) -> Case:
    probability = getattr(verdict, "undecided") or 0.0  # noqa: B009 (annotated)
    ranked = candidates(verdict, looks, fit, labels) or doubted(verdict)
    given = answer(proposed(looks, probability, ranked), probability)
    return Case(verdict.pk, verdict.label_id, verdict.place, verdict.item.group, probability, given)


def desk_json(campaign: Campaign, viewer: User) -> dict[str, Any]:
    """What is left to settle, as clusters; how much of it is worth deciding; and where others are at it."""
    rows = disputes(campaign, viewer)
    cases = cases_of(campaign, rows.order_by("-undecided", "pk")[:MOST_CASES])  # type: ignore[misc]  # annotated
    found = clusters(cases)
    names = label_names(campaign.dataset_id)
    ready = [case for case in cases if acceptable(case.answer)]
    return {
        "cases": rows.count() if len(cases) == MOST_CASES else len(cases),
        "clusters": [cluster_json(cluster, names) for cluster in found],
        "remaining": remaining(found, pace(campaign, viewer)),
        "acceptable": {"cases": len(ready), "errors": sum(case.risk for case in ready)},
        "others": others(campaign, viewer),
    }


def cluster_json(cluster: Cluster, names: dict[int, str]) -> dict[str, Any]:
    label, action, to = cluster.key
    return {
        "label": names[label],
        "action": action or None,
        "to": names[to] if to else None,
        "cases": [case.verdict for case in cluster.cases],
        "risk": cluster.risk,
    }


def remaining(found: Sequence[Cluster], seconds: float) -> dict[str, Any]:
    """How many decisions take away MOST_RISK of the risk, or all there are, and how long they take."""
    whole = sum(cluster.risk for cluster in found)
    taken, decisions = 0.0, 0
    while decisions < len(found) and taken < MOST_RISK * whole:
        taken += found[decisions].risk
        decisions += 1
    return {
        "decisions": decisions,
        "share": taken / whole if whole else 1.0,
        "seconds": decisions * seconds,
        "errors": whole,
    }


def pace(campaign: Campaign, viewer: User) -> float:
    """Seconds a decision, by the last ones of this supervisor; breaks are none."""
    rows = AuditEvent.objects.filter(campaign=campaign, actor=viewer, verb="resolved").order_by("-pk")
    times = list(rows.values_list("at", flat=True)[:PACED])
    gaps = [(later - earlier).total_seconds() for later, earlier in zip(times, times[1:], strict=False)]
    return median([gap for gap in gaps if gap < LONGEST_SECONDS] or [USUAL_SECONDS])


def others(campaign: Campaign, viewer: User) -> list[dict[str, Any]]:
    """Which cases other supervisors have before them just now."""
    return [
        {"username": name, "verdicts": verdicts}
        for name, verdicts in taken_places(campaign.pk)
        if name != viewer.username
    ]


def taken_places(campaign: int) -> list[tuple[str, list[int]]]:
    """(user name, verdicts) of those who have any before them."""
    rows = DeskPlace.objects.filter(campaign=campaign, at__gt=timezone.now() - FADES).exclude(verdicts=[])
    return list(rows.order_by("user__username").values_list("user__username", "verdicts"))


def accepted(campaign: Campaign, viewer: User, verdicts: Sequence[int]) -> dict[int, Proposal]:
    """What the consensus says of those of these disputes of which it says something, by verdict; of none that waits for
    a second opinion, which wants a look."""
    rows = disputes(campaign, viewer).filter(pk__in=verdicts).exclude(resolutions__current=True)
    cases = cases_of(campaign, rows)
    return {case.verdict: case.answer for case in cases if case.answer and acceptable(case.answer)}
