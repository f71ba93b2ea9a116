"""The end of an assignment: handed in, given back, or lapsed. Tile by tile: nothing counts beyond what is wanted."""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from ..models import Assignment, Campaign, Look, Tile
from . import audit, decide, flag, quality
from .campaigns import hold


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
        if revision is not None:
            flag.store(assignment, revision, flags or [], seen or [])
        campaign = hold(assignment.campaign_id)
        tiles = list(assignment.tiles.order_by("position"))
        own = [tile for tile in tiles if not tile.planted]
        places = lock_places(campaign, own)
        marks = {mark["position"]: mark for mark in assignment.flags}
        positions = set(assignment.seen)
        seen_now = {tile.item_id for tile in tiles if tile.position in positions}
        was_lent = assignment.state == Assignment.State.LENT
        met = already_looked(assignment, tiles)
        counted = {
            tile.item_id
            for tile in own
            if tile.item_id in seen_now and tile.item_id not in met and (was_lent or places[tile.item_id] > 0)
        }
        looks = [
            look_at(assignment, tile, marks.get(tile.position), tile.planted or tile.item_id in counted)
            for tile in tiles
            if tile.item_id in seen_now and tile.item_id not in met
        ]
        Look.objects.bulk_create(looks)
        move_places(campaign, [tile.item_id for tile in own] if was_lent else [], list(counted))
        assignment.state = Assignment.State.HANDED_IN
        assignment.ended_at = timezone.now()
        # Planted tiles are counted like any other, so that the answer does not tell how many they were.
        assignment.counted = sum(look.counted for look in looks)
        assignment.surplus = sum(tile.item_id in seen_now for tile in tiles) - assignment.counted
        assignment.save(update_fields=["state", "ended_at", "counted", "surplus"])
        touched = campaign.verdicts.filter(item__in=[tile.item_id for tile in own]).values_list("pk", flat=True)
        decide.update(campaign, list(touched))
        audit.record(
            "handed in",
            project=campaign.dataset.project_id,
            campaign=campaign,
            actor=assignment.reviewer,
            assignment=assignment.pk,
            counted=assignment.counted,
            surplus=assignment.surplus,
            flags=len(marks),
            late=not was_lent,
        )
        quality.watch(campaign, assignment.reviewer)
    return assignment


def look_at(assignment: Assignment, tile: Tile, mark: dict[str, Any] | None, counted: bool) -> Look:
    return Look(
        campaign_id=assignment.campaign_id,
        dataset_id=tile.dataset_id,
        assignment=assignment,
        reviewer_id=assignment.reviewer_id,
        item_id=tile.item_id,
        label_id=tile.label_id,
        planted=tile.planted,
        second=tile.second,
        counted=counted,
        reason=mark["reason"] if mark else "",
        suggested_id=mark["label"] if mark else None,
        comment=mark["comment"] if mark else "",
    )


def already_looked(assignment: Assignment, tiles: list[Tile]) -> set[int]:
    """Items of which this person has handed in a look elsewhere, after this assignment lapsed. Whoever reviews alone
    may have one in each role."""
    looks = Look.objects.filter(campaign=assignment.campaign_id, reviewer=assignment.reviewer_id)
    known = set(looks.filter(item__in=[tile.item_id for tile in tiles]).values_list("item_id", "planted"))
    if assignment.campaign.policy == Campaign.Policy.SOLO:
        return {tile.item_id for tile in tiles if (tile.item_id, tile.planted) in known}
    return {item for item, _ in known}


def lock_places(campaign: Campaign, tiles: list[Tile]) -> dict[int, int]:
    """{item: free places}, the rows held in one order by everybody."""
    rows = (
        campaign.verdicts.filter(item__in=[tile.item_id for tile in tiles])
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    return {item: wanted - lent - done for item, wanted, lent, done in
            rows.values_list("item_id", "wanted", "lent", "counted")}  # fmt: skip


def move_places(campaign: Campaign, returned: list[int], counted: list[int]) -> None:
    """Take back the lent places of `returned` items and count one look of `counted` items, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE review_verdict SET lent = lent - (item_id = ANY(%(returned)s::bigint[]))::int,
                 counted = counted + (item_id = ANY(%(counted)s::bigint[]))::int
               WHERE campaign_id = %(campaign)s AND item_id = ANY(%(both)s::bigint[])""",
            {"campaign": campaign.pk, "returned": returned, "counted": counted, "both": list({*returned, *counted})},
        )


def release(*, assignment: Assignment) -> Assignment:
    """Give an assignment back unreviewed; of one that has lapsed already, the marks are dropped. Twice does no harm."""
    with transaction.atomic():
        held = flag.held(assignment)
        if held.state == Assignment.State.LAPSED:
            held.flags, held.seen, held.revision = [], [], 0
            held.save(update_fields=["flags", "seen", "revision"])
            return held
    return end_unreviewed(assignment, Assignment.State.RELEASED, "given back")


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
        campaign = hold(assignment.campaign_id)
        items = list(assignment.tiles.filter(planted=False).values_list("item_id", flat=True))
        ids = list(
            campaign.verdicts.filter(item__in=items)
            .order_by("pk")
            .select_for_update(no_key=True)
            .values_list("pk", flat=True)
        )
        move_places(campaign, items, [])
        decide.update(campaign, ids)
        assignment.state = state
        assignment.ended_at = timezone.now()
        assignment.save(update_fields=["state", "ended_at"])
        audit.record(verb, project=campaign.dataset.project_id, campaign=campaign, actor=assignment.reviewer,
                     assignment=assignment.pk)  # fmt: skip
    return assignment
