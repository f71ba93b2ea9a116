"""The end of an assignment: handed in, given back, or lapsed. Tile by tile: nothing counts beyond what is wanted."""

from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from ..models import Assignment, Campaign, Fit, HandIn, Project, User
from . import active, audit, decide, flag, quality
from .campaigns import hold

HANDED_IN = ("flags", "seen", "revision", "state", "ended_at", "counted", "surplus")
WRITE_LOOKS = """
    INSERT INTO review_look (campaign_id, dataset_id, assignment_id, reviewer_id, at, item_id, label_id, planted,
      second, counted, reason, suggested_id, comment)
    SELECT %s, %s, %s, %s, %s, new.*
    FROM unnest(%s::bigint[], %s::bigint[], %s::bool[], %s::bool[], %s::bool[], %s::text[], %s::bigint[], %s::text[])
      AS new
"""


def submit(
    *,
    assignment: Assignment,
    revision: int | None = None,
    flags: list[dict[str, Any]] | None = None,
    seen: list[int] | None = None,
) -> Assignment:
    """Turn seen tiles into looks; `counted` and `surplus` say what came of them. Again, it answers the same.

    A tile that was not seen is no look, and its place is free again. After a lapse, a tile counts where its item has
    a free place still; the rest is kept as surplus. Raises flag.Stale, flag.Ended or ValidationError.
    """
    with transaction.atomic():
        assignment = flag.held(assignment)
        if assignment.state == Assignment.State.HANDED_IN:
            return assignment
        if assignment.state == Assignment.State.RELEASED:
            raise flag.Ended(flag.ENDED[Assignment.State.RELEASED])
        tiles = flag.tiles_of(assignment)
        if revision is not None:
            flag.take(assignment, tiles, revision, flags or [], seen or [])
        campaign = hold(assignment.campaign)
        verdicts = decide.held(campaign, [tile.item for tile in tiles if not tile.planted], "item_id")
        was_lent = assignment.state == Assignment.State.LENT
        positions, met = set(assignment.seen), already_looked(assignment, tiles)
        looked = [tile for tile in tiles if tile.position in positions and tile.item not in met]
        free = {v.item_id for v in verdicts if was_lent or v.wanted > v.lent + v.counted}
        counted = {tile.item for tile in looked if not tile.planted and tile.item in free}
        write_looks(assignment, looked, counted)
        for verdict in verdicts:
            verdict.lent -= was_lent
            verdict.counted += verdict.item_id in counted
        assignment.state = Assignment.State.HANDED_IN
        assignment.ended_at = timezone.now()
        active.sign(assignment, assignment.ended_at)
        # Planted tiles are counted like any other, so that the answer does not tell how many they were.
        assignment.counted = len(counted) + sum(tile.planted for tile in looked)
        assignment.surplus = sum(tile.position in positions for tile in tiles) - assignment.counted
        assignment.save(update_fields=[*HANDED_IN, *active.FIELDS])
        ledger(assignment, late=not was_lent)
        decide.settle(campaign, verdicts, fit_of(campaign))
        audit.record(
            "handed in",
            project=campaign.dataset.project_id,
            campaign=campaign,
            actor=assignment.reviewer,
            assignment=assignment.pk,
            counted=assignment.counted,
            surplus=assignment.surplus,
            flags=len(assignment.flags),
            late=not was_lent,
        )
        paused = quality.watch(campaign, assignment.reviewer)
    if paused:  # Under locks of its own, when those of the looks above are free.
        release_unopened(assignment.reviewer, campaign.dataset.project)
    return assignment


def ledger(assignment: Assignment, *, late: bool) -> None:
    """The line that the person is paid by: every tile that they saw, whatever came of it."""
    assert assignment.ended_at is not None and assignment.counted is not None and assignment.surplus is not None
    HandIn.objects.create(
        project_id=assignment.campaign.dataset.project_id,
        campaign_id=assignment.campaign_id,
        reviewer_id=assignment.reviewer_id,
        assignment=assignment,
        at=assignment.ended_at,
        looks=assignment.counted + assignment.surplus,
        seconds=assignment.active_seconds,
        late=late,
    )


def fit_of(campaign: Campaign) -> Fit:
    assert campaign.fit is not None
    return campaign.fit


def write_looks(assignment: Assignment, looked: list[flag.Row], counted: set[int]) -> None:
    """A look for each of these tiles; of those that are not planted, some may count no more."""
    marks = {mark["position"]: mark for mark in assignment.flags}
    nothing = {"reason": "", "label": None, "comment": ""}
    rows = [
        (tile.item, tile.label, tile.planted, tile.second, tile.planted or tile.item in counted, mark["reason"],
         mark["label"], mark["comment"])
        for tile in looked
        for mark in [marks.get(tile.position, nothing)]
    ]  # fmt: skip
    if rows:
        whose = [assignment.campaign_id, assignment.campaign.dataset_id, assignment.pk, assignment.reviewer_id]
        with connection.cursor() as cursor:
            cursor.execute(WRITE_LOOKS, [*whose, timezone.now(), *map(list, zip(*rows, strict=True))])


def already_looked(assignment: Assignment, tiles: list[flag.Row]) -> set[int]:
    """Items of which this person has handed in a look elsewhere, after this assignment lapsed. Whoever reviews alone
    may have one in each role."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT item_id, planted FROM review_look
               WHERE campaign_id = %s AND reviewer_id = %s AND item_id = ANY(%s)""",
            [assignment.campaign_id, assignment.reviewer_id, [tile.item for tile in tiles]],
        )
        known = set(cursor.fetchall())
    if assignment.campaign.policy == Campaign.Policy.SOLO:
        return {tile.item for tile in tiles if (tile.item, tile.planted) in known}
    return {item for item, _ in known}


def release(*, assignment: Assignment) -> Assignment:
    """Give an assignment back unreviewed; of one that has lapsed already, the marks are dropped. Twice does no harm."""
    with transaction.atomic():
        held = flag.held(assignment)
        if held.state == Assignment.State.LAPSED:
            held.flags, held.seen, held.revision = [], [], 0
            held.save(update_fields=["flags", "seen", "revision"])
            return held
    return end_unreviewed(assignment, Assignment.State.RELEASED, "given back")


def release_unopened(reviewer: User, project: Project) -> None:
    """Give back for somebody what was lent to them ahead and they have not opened yet."""
    for assignment in held_by(reviewer, project).filter(opened_at=None):
        release(assignment=assignment)


def take_back(*, campaign: Campaign, reviewer: User, by: User) -> None:
    """End now what somebody has in hand of a campaign, as if its time had run out: others may be lent it, the marks are
    kept, and a late hand-in counts where there is room."""
    in_hand = campaign.assignments.filter(reviewer=reviewer, state=Assignment.State.LENT)
    found = list(in_hand)
    in_hand.update(expires_at=timezone.now())
    for assignment in found:
        lapse(assignment=assignment)
    audit.record("batches taken back", project=campaign.dataset.project_id, campaign=campaign, actor=by,
                 user=reviewer.username, assignments=len(found))  # fmt: skip


def held_by(user: User, project: Project) -> QuerySet[Assignment]:
    """What somebody has in hand in a project."""
    return Assignment.objects.filter(campaign__dataset__project=project, reviewer=user, state=Assignment.State.LENT)


def lapse(*, assignment: Assignment) -> Assignment:
    """The lease has run out: the places are free for others, the marks are kept for a late hand-in."""
    return end_unreviewed(assignment, Assignment.State.LAPSED, "lapsed")


def end_unreviewed(assignment: Assignment, state: Assignment.State, verb: str) -> Assignment:
    with transaction.atomic():
        assignment = flag.held(assignment)
        if assignment.state != Assignment.State.LENT:
            return assignment
        if state == Assignment.State.LAPSED and assignment.expires_at > timezone.now():
            return assignment  # It was extended meanwhile.
        campaign = hold(assignment.campaign)
        items = list(assignment.tiles.filter(planted=False).values_list("item_id", flat=True))
        verdicts = decide.held(campaign, items, "item_id")
        for verdict in verdicts:
            verdict.lent -= 1
        decide.settle(campaign, verdicts, fit_of(campaign))
        assignment.state = state
        assignment.ended_at = timezone.now()
        assignment.save(update_fields=["state", "ended_at"])
        audit.record(verb, project=campaign.dataset.project_id, campaign=campaign, actor=assignment.reviewer,
                     assignment=assignment.pk)  # fmt: skip
    return assignment
