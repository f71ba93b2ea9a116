"""How far a campaign is, how good, at what cost, and how wrong the labels still are: what the board and the API show.

What is reckoned of all items and looks is one body, the same for everybody (`whole`), which operations/snapshots.py
keeps; `shown` makes of it what one person may see now.
"""

import datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from ..consensus.quality import interval
from ..models import Assignment, Campaign, Fix, HandIn, Label, Member, Snapshot, User, Verdict
from ..operations import second
from ..rules import can_supervise
from . import cost, found, tallies
from .agreement import agreements, pairs
from .labels import icon
from .pace import eta
from .quality import Score, rates_of, scores

SHAPE = 1  # of the body; raise it when what `whole` gives changes, so that what is kept of before is no longer read
CONFUSED = 400  # pairs of classes, the commonest first


def whole(campaign: Campaign, before: dict[str, Any] | None = None) -> dict[str, Any]:
    """The body of a snapshot, where there is one the next after `before`. Reviewers are named by `user` too, and with
    everybody's rows: not for all eyes."""
    tally, looks, items = tallies.tally(campaign), tallies.looks(campaign), tallies.items(campaign)
    agreed, alphas = agreements(campaign, items)
    every, states = tally.sum(), tally.by(2)
    settled = tally.sum(lambda key: key[2] in tallies.SETTLED)
    rate = tally.rate(every)
    counted = sum(one.counted for one in looks)
    return {
        "shape": SHAPE,
        "items": every.items,
        "looked": every.looked,
        "states": {name: states[name].items if name in states else 0 for name in Verdict.State.values},
        "settled": settled.items / every.items if every.items else 0.0,
        "looks": {
            "counted": counted,
            "surplus": sum(one.surplus for one in looks),
            "planted": sum(one.planted for one in looks),
            "flags": sum(one.flags for one in looks),
        },
        "looks_per_item": counted / every.items if every.items else None,
        "batches": campaign.batches.aggregate(all=Count("pk"), open=Count("pk", filter=Q(open=True))),
        "error_rate": rate,
        "to_go": to_go(tally),
        "handed_in": handed_in(campaign),
        "agreement": agreed,
        "pairs": pairs(campaign, counted, (before or {}).get("pairs")),
        # A fit of an earlier release says nothing of second looks.
        "audit": {"second_looks": None, **campaign.fit.audited} if campaign.fit and campaign.fit.audited else None,
        "prior_trouble": prior_trouble(campaign),
        "second_opinions": second.agreement(campaign),
        "by_label": by_label(tally, alphas),
        "by_round": by_round(tally),
        "confusion": confusion(campaign),
        "found": found.series(campaign, looks, items, rate["before"]),
        "reviewers": reviewers(campaign, looks),
    }


def shown(body: dict[str, Any], campaign: Campaign, viewer: Member) -> dict[str, Any]:
    """What a member may see of it, with what moves by itself. A reviewer sees of the reviewers their own row alone, and
    nothing of how far single classes or people agree, of money, or of the way there."""
    supervises = can_supervise(viewer)
    body = {"state": campaign.state, **body, **now(campaign), "eta": eta(campaign, body)}
    del body["shape"]
    handed, to_go, together = body.pop("handed_in"), body.pop("to_go"), body.pop("pairs")["rows"]
    body["agreement"] = {**body["agreement"], "pairs": together if supervises else []}
    body["cost"] = cost.of(campaign, body, handed, to_go) if supervises else None
    rows = body["reviewers"] if supervises else [row for row in body["reviewers"] if row["user"] == viewer.user_id]
    paused = {member.user_id: member.paused_why for member in viewer.project.members.filter(paused=True)}
    body["reviewers"] = [
        {**{name: row[name] for name in row if name != "user"}, "paused": row["user"] in paused,
         "paused_why": paused.get(row["user"], "")}
        for row in rows
    ]  # fmt: skip
    if not supervises:
        body["by_label"] = [{**row, "alpha": None} for row in body["by_label"]]
        body["found"] = []
    return body


def items(campaign: Campaign) -> int:
    """How many are under review: set when the campaign is planned, as its first snapshot is made."""
    known = Snapshot.objects.filter(campaign=campaign).values_list("body__items", flat=True).first()
    return campaign.verdicts.count() if known is None else known


def now(campaign: Campaign) -> dict[str, int]:
    at = timezone.now()
    live = Assignment.objects.filter(campaign=campaign, state=Assignment.State.LENT, expires_at__gt=at)
    done = HandIn.objects.filter(campaign=campaign, at__gt=at - datetime.timedelta(hours=1))
    return {"reviewers_now": live.values("reviewer").distinct().count(), "handed_in_last_hour": done.count()}


def to_go(tally: tallies.Tally) -> float:
    """Looks that open items will still take: those that they want, and of items that nobody has seen at least what one
    took on average that people settled."""
    still = tally.sum(lambda key: key[2] == Verdict.State.OPEN)
    done = tally.sum(lambda key: key[2] != Verdict.State.OPEN)
    usual = done.counted / done.looked if done.looked else 0.0
    return still.to_go + max(still.first, (still.items - still.looked) * max(usual, 1.0))


def handed_in(campaign: Campaign) -> dict[str, float]:
    found = HandIn.objects.filter(campaign=campaign).aggregate(
        batches=Count("pk"), all_looks=Sum("looks"), all_seconds=Sum("seconds")
    )
    return {"batches": found["batches"], "looks": found["all_looks"] or 0, "seconds": found["all_seconds"] or 0.0}


def prior_trouble(campaign: Campaign) -> list[dict[str, Any]]:
    """Where suspicion says too much or too little by what people found: the fit's reasons, labels by name."""
    parameters = campaign.fit.parameters if campaign.fit else {}
    # Where all is looked at anyway, a sample that proves nothing is no trouble.
    reasons = [r for r in parameters.get("reasons", []) if r["kind"] != "unproven" or parameters.get("raised")]
    names = dict(Label.objects.filter(pk__in=[r["label"] for r in reasons if r["label"]]).values_list("pk", "name"))
    return [{**reason, "label": names.get(reason["label"])} for reason in reasons]


def by_label(tally: tallies.Tally, alphas: dict[int, float | None]) -> list[dict[str, Any]]:
    cells: dict[int, tallies.Cell] = tally.by(0)
    settled: dict[int, int] = {}
    for (label, _, state), cell in tally.cells.items():
        settled[label] = settled.get(label, 0) + (cell.items if state in tallies.SETTLED else 0)
    labels = Label.objects.in_bulk(list(cells))
    return [
        {
            "label": label.name,
            "readable_name": label.readable_name,
            "icon": icon(label),
            "items": cells[key].items,
            "settled": settled[key] / cells[key].items,
            "fixes": cells[key].fixed,
            "alpha": alphas.get(key),
            **tally.rate(cells[key], key),
        }
        for key, label in sorted(labels.items(), key=lambda pair: pair[1].readable_name)
    ]


def by_round(tally: tallies.Tally) -> list[dict[str, Any]]:
    """Of each round: items that came so far, and of them those that are settled by it, wait in it, and went on."""
    cells = tally.by(1)
    return [
        {
            "round": number,
            "items": sum(cell.items for later, cell in cells.items() if later >= number),
            "settled": tally.sum(lambda key: key[1] == number and key[2] in tallies.SETTLED).items,  # noqa: B023
            "open": tally.sum(lambda key: key[1] == number and key[2] == Verdict.State.OPEN).items,  # noqa: B023
            "disputed": tally.sum(lambda key: key[1] == number and key[2] == Verdict.State.DISPUTED).items,  # noqa: B023
        }
        for number in sorted(cells)
    ]


def confusion(campaign: Campaign) -> list[dict[str, Any]]:
    """Which labels were mended to which; to none where the object was none."""
    pairs = (
        Fix.objects.filter(campaign=campaign, state=Fix.State.APPLIED)
        .exclude(kind=Fix.Kind.REDRAW)
        .values_list("verdict__label__name", "new_label__name")
        .annotate(n=Count("pk"))
        .order_by("-n", "verdict__label__name", "new_label__name")
    )
    return [{"from": old, "to": new, "count": n} for old, new, n in pairs[:CONFUSED]]


def honeypots(score: Score) -> dict[str, Any]:
    """Planted errors that somebody met and found, those that the dataset had apart; 95 % of where the share lies."""
    return {
        "seen": score.seen,
        "found": score.found,
        "hard_seen": score.hard_seen,
        "hard_found": score.hard_found,
        "interval": list(interval(score.found, score.seen)) if score.seen else None,
    }


def reviewers(campaign: Campaign, looks: list[tallies.Looks]) -> list[dict[str, Any]]:
    rates = rates_of(campaign.fit) if campaign.fit else {}
    planted = scores(campaign)
    done: dict[int, list[int]] = {}
    for one in looks:
        sums = done.setdefault(one.reviewer, [0, 0])
        sums[0], sums[1] = sums[0] + one.all, sums[1] + one.flags
    names = User.objects.in_bulk(list(done))
    rows = [
        {
            "user": user,
            "username": names[user].username,
            "looks": sums[0],
            "flags": sums[1],
            "sensitivity": rates[user][0] if user in rates else None,
            "specificity": rates[user][1] if user in rates else None,
            "honeypots": honeypots(planted.get(user)),
        }
        for user, sums in done.items()
    ]
    return sorted(rows, key=lambda row: (-row["looks"], row["username"]))
