"""Lend a reviewer something to look at: composed at the claim, out of a batch minus what that person has met."""

import datetime
import json
import secrets
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from .. import rules
from ..models import Assignment, Batch, Campaign, Member, Tile, User, Verdict
from . import audit
from .places import Place, clear_of_stacks, stack_numbers

HOLD = datetime.timedelta(minutes=10)  # how long the next assignment waits beyond the current one's lease
RETRY_SECONDS = 20
TILES_A_HONEYPOT = 6  # at least so many others beside each, so that none stands out
SPARE_PEOPLE = 2  # beyond those an item's own looks may need, before it is planted
LOCK_BATCH = "FOR NO KEY UPDATE OF b"
LOCK_PLACES = "FOR NO KEY UPDATE OF v"

# What this person has looked at, or has in hand: it is never lent to them again, in either role.
MET = """(EXISTS (SELECT 1 FROM review_look l WHERE l.campaign_id = %(campaign)s AND l.reviewer_id = %(reviewer)s
            AND l.item_id = v.item_id)
          OR EXISTS (SELECT 1 FROM review_tile t JOIN review_assignment a ON a.id = t.assignment_id
            WHERE t.item_id = v.item_id AND a.campaign_id = %(campaign)s AND a.reviewer_id = %(reviewer)s
              AND (a.state = 'lent' OR t.planted)))"""
# Of these labels' groups; a campaign planned before there were groups has none.
IN_GROUPS = """(v.label_id = ANY(%(labels)s) AND (v.label_id, coalesce(v.group_id, 0)) IN
  (SELECT * FROM unnest(%(labels)s::bigint[], %(groups)s::bigint[])))"""
FREE = f"v.wanted > v.lent + v.counted AND NOT {MET}"


@dataclass(frozen=True)
class Nothing:
    """Why nothing can be lent to this person now, and when to ask again (None: not before something changes)."""

    reason: str
    retry_after: int | None = None


def claim(*, campaign: Campaign, member: Member, key: str = "") -> Assignment | Nothing:
    """The assignment of this key, composed now if the key is new. Two claims at once of one person follow one another;
    those of several people pass each other by."""
    key = key or secrets.token_urlsafe(12)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [member.user_id % 2**31, campaign.pk % 2**31])
        known = Assignment.objects.filter(campaign=campaign, reviewer=member.user_id, claim_key=key).first()
        if known:
            return known
        campaign = Campaign.objects.select_related("dataset").get(pk=campaign.pk)
        if refused := may_not(campaign, member):
            return refused
        live = list(Assignment.objects.filter(campaign=campaign, reviewer=member.user_id, state=Assignment.State.LENT))
        if len(live) >= campaign.live_assignments:
            return Nothing(f"You have {len(live)} at hand already. Hand one in, then take the next.")
        composed = Composition(campaign, member.user, cursor).compose()
        if composed is None:
            return why_nothing(campaign, member.user, cursor)
        return lend(campaign, member.user, key, composed, live)


def may_not(campaign: Campaign, member: Member) -> Nothing | None:
    if not rules.can_review(member):
        return Nothing("Your reviewing is paused. The project lead can tell you why, and let you go on.")
    if campaign.state == Campaign.State.CLOSED:
        return Nothing("This review is closed. Thank you for your help.")
    if campaign.state != Campaign.State.OPEN:
        return Nothing("This review is not open at the moment.", 60)
    return None


@dataclass(frozen=True)
class Composed:
    batch: int | None
    places: list[Place]


class Composition:
    """One claim's choice of items; everything is read under the claim's own transaction."""

    def __init__(self, campaign: Campaign, reviewer: User, cursor: Any) -> None:
        self.campaign, self.reviewer, self.cursor = campaign, reviewer, cursor
        self.names = {"campaign": campaign.pk, "reviewer": reviewer.pk}

    def compose(self) -> Composed | None:
        batch, lent = self.stretch()
        room = self.campaign.batch_size - len(lent)
        again = self.asked_again(lent, room)
        if not lent and not again:
            return None
        own = lent + again
        tiles = own + self.fillers(again, lent)
        planted = [place for place in tiles + self.honeypots(batch, tiles) if place.planted]
        return Composed(batch, sorted(own + clear_of_stacks(planted, own), key=lambda p: p.order))

    def stretch(self) -> tuple[int | None, list[Place]]:
        """A batch and what of it is lent. One that we waited for may be spent by now; then the next one is tried."""
        while batch := self.choose_batch():
            if lent := self.take("v.batch_id = %(batch)s", self.campaign.batch_size, LOCK_PLACES, batch=batch):
                return batch, lent
        return None, []

    def choose_batch(self) -> int | None:
        """A batch with a free place for this person, from where they left off. One that somebody else is claiming from
        is passed by; only where no other is left do we wait for it."""
        last = (
            Assignment.objects.filter(campaign=self.campaign, reviewer=self.reviewer, batch__isnull=False)
            .order_by("-pk").values_list("batch__number", flat=True).first() or 0
        )  # fmt: skip
        for untouched, lock in ((True, "SKIP LOCKED"), (False, "SKIP LOCKED"), (False, "")):
            mine = """AND NOT EXISTS (SELECT 1 FROM review_assignment a WHERE a.batch_id = b.id
                      AND a.reviewer_id = %(reviewer)s AND a.state IN ('lent', 'handed_in'))"""
            self.cursor.execute(
                f"""SELECT b.id FROM review_batch b
                    WHERE b.campaign_id = %(campaign)s AND b.open AND NOT b.withdrawn {mine if untouched else ""}
                      AND EXISTS (SELECT 1 FROM review_verdict v WHERE v.batch_id = b.id AND {FREE})
                    ORDER BY b.number <= %(last)s, b.number LIMIT 1 {LOCK_BATCH and f"{LOCK_BATCH} {lock}"}""",
                {**self.names, "last": last},
            )
            if row := self.cursor.fetchone():
                return int(row[0])
        return None

    def take(self, where: str, limit: int, lock: str, **names: Any) -> list[Place]:
        """Lend up to `limit` free items: each gains one lent place, which the row's own constraint bounds."""
        self.cursor.execute(
            f"""WITH free AS MATERIALIZED (
                  SELECT v.id FROM review_verdict v WHERE v.campaign_id = %(campaign)s AND {where} AND {FREE}
                  ORDER BY v.id LIMIT %(limit)s {lock})
                UPDATE review_verdict v SET lent = v.lent + 1 FROM free
                WHERE v.id = free.id RETURNING v.item_id, v.label_id, v.place, v.group_id, v.stack""",
            {**self.names, **names, "limit": limit},
        )
        return [Place(*row) for row in self.cursor.fetchall()]

    def asked_again(self, lent: list[Place], room: int) -> list[Place]:
        """Items that somebody else must look at, blended into a stretch of their label; in a grid of their own, beside
        clean ones, where no such stretch is left."""
        if lent:
            return self.take_again(groups_of(lent), max(room, len(lent) // 4))
        self.cursor.execute(
            f"""SELECT v.label_id, coalesce(v.group_id, 0), count(*) FROM review_verdict v
                WHERE v.campaign_id = %(campaign)s AND v.batch_id IS NULL AND {FREE}
                GROUP BY 1, 2 ORDER BY 3 DESC""",
            self.names,
        )
        groups: set[tuple[int, int]] = set()
        total = 0
        for label, group, count in self.cursor.fetchall():
            groups.add((label, group))
            total += count
            if total >= room // 2:
                break
        return self.take_again(groups, max(1, room // 2)) if groups else []

    def take_again(self, groups: set[tuple[int, int]], limit: int) -> list[Place]:
        """Of the items asked again. Rows that somebody holds are passed by: after a batch's own rows, waiting for lower
        ones could close a circle."""
        where = f"v.batch_id IS NULL AND {IN_GROUPS}"
        return self.take(where, limit, f"{LOCK_PLACES} SKIP LOCKED", **as_lists(groups))

    def fillers(self, again: list[Place], lent: list[Place]) -> list[Place]:
        """Known clean items to stand out from, where a grid would else hold doubtful ones alone. They are planted: they
        measure the reviewer and are no looks at the items."""
        if not again or len(lent) >= len(again):
            return []
        self.cursor.execute(
            f"""SELECT v.item_id, v.label_id, v.place, v.group_id FROM review_verdict v
                WHERE v.campaign_id = %(campaign)s AND {IN_GROUPS} AND v.state = 'clean'
                  AND v.counted > 0 AND v.flags = 0 AND NOT {MET}
                ORDER BY hashint8(v.id + %(salt)s) LIMIT %(limit)s""",
            {**self.names, **as_lists(groups_of(again)), "limit": max(4, len(again)), "salt": secrets.randbits(31)},
        )
        return [Place(item, label, at, group, planted=True) for item, label, at, group in self.cursor.fetchall()]

    def honeypots(self, batch: int | None, tiles: list[Place]) -> list[Place]:
        """Items of other classes, each where the order would put it, drawn from the sections' candidates."""
        if not self.campaign.honeypots or self.campaign.policy == Campaign.Policy.SOLO:
            return []
        self.cursor.execute(
            f"""SELECT s.label_id, s.group_id, s.honeypots
                FROM review_section s JOIN review_batch b ON b.id = s.batch_id
                WHERE b.campaign_id = %(campaign)s AND CASE WHEN %(batch)s::bigint IS NULL
                  THEN {IN_GROUPS.replace("v.", "s.")} ELSE s.batch_id = %(batch)s END
                ORDER BY random() LIMIT 8""",
            {**self.names, "batch": batch, **as_lists(groups_of(tiles))},
        )
        taken = {place.item for place in tiles}
        sections = [(label, group, as_lists_of(entries)) for label, group, entries in self.cursor.fetchall()]
        pool = {
            item: Planted(label, group, near, mates[0] if mates else [])
            for label, group, entries in sections
            for item, near, *mates in entries
            if item not in taken
        }
        able = self.plantable(list({*pool, *(mate for planted in pool.values() for mate in planted.mates)} - taken))
        first = [item for item in able if item in pool]
        rng = np.random.default_rng(secrets.randbits(63))
        few = min(self.campaign.honeypots, len(tiles) // TILES_A_HONEYPOT)
        chosen = [first[k] for k in rng.permutation(len(first))[:few]]
        anchors = dict(
            Verdict.objects.filter(campaign=self.campaign, item__in=[pool[i].near for i in chosen]).values_list(
                "item_id", "place"
            )
        )
        return self.with_mates(chosen, pool, set(able), anchors)

    def with_mates(
        self, chosen: list[int], pool: dict[int, "Planted"], able: set[int], anchors: dict[int, int]
    ) -> list[Place]:
        """Each planted item, with its own near duplicates where the campaign stacks: else only ordinary ones would lie
        in stacks."""
        places: list[Place] = []
        planted: set[int] = set(chosen)
        for item in chosen:
            entry = pool[item]
            mates = [mate for mate in entry.mates if mate in able and mate not in planted]
            planted.update(mates)
            at = anchors.get(entry.near, 0) + 0.5
            places += [
                Place(each, entry.label, at, entry.group, -item if mates else None, planted=True)
                for each in [item, *mates]
            ]
        return places

    def plantable(self, items: list[int]) -> list[int]:
        """Those that this person has not met, and that leave enough other people for the items' own looks: whoever
        meets an item planted can never be asked about it."""
        self.cursor.execute(
            f"""SELECT p.item_id FROM unnest(%(items)s::bigint[]) AS p(item_id)
                LEFT JOIN review_verdict v ON v.campaign_id = %(campaign)s AND v.item_id = p.item_id
                WHERE NOT {MET.replace("v.item_id", "p.item_id")} AND (v.id IS NULL OR v.state <> 'open'
                  OR (SELECT count(DISTINCT a.reviewer_id) FROM review_assignment a WHERE a.campaign_id = %(campaign)s)
                     - (SELECT count(DISTINCT a.reviewer_id) FROM review_tile t
                        JOIN review_assignment a ON a.id = t.assignment_id
                        WHERE t.item_id = p.item_id AND a.campaign_id = %(campaign)s)
                     >= %(looks)s - v.counted - v.lent + {SPARE_PEOPLE})""",
            {**self.names, "items": items, "looks": self.campaign.looks_max},
        )
        return [row[0] for row in self.cursor.fetchall()]


@dataclass(frozen=True)
class Planted:
    """Where an item may be planted, and its own near duplicates."""

    label: int
    group: int | None
    near: int
    mates: list[int]


def groups_of(places: list[Place]) -> set[tuple[int, int]]:
    return {(place.label, place.group or 0) for place in places}


def as_lists(groups: set[tuple[int, int]]) -> dict[str, list[int]]:
    """Labels and groups side by side, for IN_GROUPS."""
    return {"labels": [label for label, _ in groups], "groups": [group for _, group in groups]}


def as_lists_of(value: Any) -> list[list[Any]]:
    """A JSON column as a raw cursor gives it."""
    return json.loads(value) if isinstance(value, str) else value


def lend(campaign: Campaign, reviewer: User, key: str, composed: Composed, live: list[Assignment]) -> Assignment:
    """Freeze the tiles. The first of two assignments is open at once; the next one's lease starts when it is opened."""
    now = timezone.now()
    lease = datetime.timedelta(minutes=campaign.lease_minutes)
    assignment = Assignment.objects.create(
        campaign=campaign,
        batch=Batch(pk=composed.batch) if composed.batch else None,
        reviewer=reviewer,
        claim_key=key,
        opened_at=None if live else now,
        expires_at=max(a.expires_at for a in live) + HOLD if live else now + lease,
    )
    stacks = stack_numbers(composed.places) if campaign.stacks else [None] * len(composed.places)
    Tile.objects.bulk_create(
        Tile(assignment=assignment, dataset_id=campaign.dataset_id, position=position, item_id=place.item,
             label_id=place.label, planted=place.planted, group_id=place.group, stack=stack)
        for position, (place, stack) in enumerate(zip(composed.places, stacks, strict=True))
    )  # fmt: skip
    audit.record("claimed", project=campaign.dataset.project_id, campaign=campaign, actor=reviewer,
                 assignment=assignment.pk, tiles=len(composed.places))  # fmt: skip
    return assignment


def why_nothing(campaign: Campaign, reviewer: User, cursor: Any) -> Nothing:
    """The sentence for a person who came for work and gets none."""
    cursor.execute(
        """SELECT count(*) FILTER (WHERE v.wanted > v.lent + v.counted), count(*) FILTER (WHERE v.lent > 0)
           FROM review_verdict v WHERE v.campaign_id = %s AND v.state = 'open'""",
        [campaign.pk],
    )
    free, lent = cursor.fetchone()
    others = Assignment.objects.filter(campaign=campaign, state=Assignment.State.LENT).exclude(reviewer=reviewer)
    if free:
        return Nothing("You have seen all that is open. What is left needs the eyes of somebody else.", RETRY_SECONDS)
    if lent:
        until = others.order_by("expires_at").values_list("expires_at", flat=True).first()
        when = f" until {timezone.localtime(until):%H:%M} at the latest" if until else ""
        return Nothing(f"The last items are with other people{when}. Some may come back.", RETRY_SECONDS)
    if campaign.verdicts.filter(state=Verdict.State.DISPUTED).exists():
        return Nothing("All looks are in. A supervisor settles what is left.", 60)
    return Nothing("All items of this review are settled. Thank you.")
