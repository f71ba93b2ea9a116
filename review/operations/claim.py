"""Lend a reviewer something to look at: composed at the claim, out of a batch minus what that person has met."""

import datetime
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import rules
from ..models import Assignment, Batch, Campaign, Member, User, Verdict
from . import audit, budget, teams
from .places import IN_GROUPS, MET, Place, as_lists, clear_of_stacks, groups_of, stack_numbers
from .planting import Planting

HOLD = datetime.timedelta(minutes=10)  # how long the next assignment waits beyond the current one's lease
BATCHES = GROUPS = 8  # that one assignment is composed of at most
RETRY_SECONDS = 20
BUSY_SECONDS = 60
PLANNING_SECONDS = 3
DONE_TODAY = gettext_lazy("You have done the %(n)d looks that you may do in a day. Thank you; go on tomorrow.")
OF_BATCH = """NOT EXISTS (SELECT 1 FROM review_batch b WHERE b.id = v.batch_id AND b.withdrawn)"""
LOCK_BATCH = "FOR NO KEY UPDATE OF b"
LOCK_PLACES = "FOR NO KEY UPDATE OF v"
# What this person may be lent: a place is free, they have not met the item, and its label is one of theirs.
FREE = f"""v.wanted > v.lent + v.counted AND NOT {MET}
  AND (%(allowed)s::bigint[] IS NULL OR v.label_id = ANY(%(allowed)s))"""


WRITE_TILES = """
    INSERT INTO review_tile (assignment_id, dataset_id, position, item_id, label_id, planted, second, group_id,
      stack)
    SELECT %s, %s, new.number - 1, new.item, new.label, new.planted, new.second, new.of_group, new.stack
    FROM unnest(%s::bigint[], %s::bigint[], %s::bool[], %s::bool[], %s::bigint[], %s::int[])
      WITH ORDINALITY AS new (item, label, planted, second, of_group, stack, number)
"""


@dataclass(frozen=True)
class Nothing:
    """Why nothing can be lent to this person now, and when to ask again (None: not before something changes)."""

    reason: str
    retry_after: int | None = None


def claim(*, campaign: Campaign, member: Member, key: str = "", tiles: int | None = None) -> Assignment | Nothing:
    """The assignment of this key, composed now if the key is new, of `tiles` tiles or so where fewer than a batch are
    wished for. Two claims at once of one person follow one another; those of several people pass each other by."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [member.user_id % 2**31, campaign.pk % 2**31])
        mine = Assignment.objects.filter(campaign=campaign, reviewer=member.user_id)
        if key and (known := mine.filter(claim_key=key).first()):
            return known
        campaign = Campaign.objects.select_related("dataset").get(pk=campaign.pk)
        if refused := may_not(campaign, member):
            return refused
        live = list(mine.filter(state=Assignment.State.LENT))
        if len(live) >= campaign.live_assignments:
            return Nothing(_("You have %(n)d at hand already. Hand one in, then take the next.") % {"n": len(live)})
        if teams.daily_looks(member):  # so that claims in two campaigns do not both see what is left of the day
            cursor.execute("SELECT pg_advisory_xact_lock(72003, %s)", [member.pk % 2**31])
        today = teams.left_today(member)
        if today == 0:
            return Nothing(DONE_TODAY % {"n": teams.daily_looks(member)}, teams.seconds_of_today())
        left = budget.left(campaign, cursor)
        room = min(campaign.batch_size, tiles or campaign.batch_size, left.looks, today or campaign.batch_size)
        composition = Composition(campaign, member, cursor, room, left, limited=today is not None)
        composed = composition.compose() if room > 0 else None
        if composed is None:
            return why_nothing(campaign, member, composition)
        return lend(campaign, member.user, key or secrets.token_urlsafe(12), composed, live, cursor)


def may_not(campaign: Campaign, member: Member) -> Nothing | None:
    if not rules.can_review(member):
        paused, why = _("Your reviewing is paused."), member.paused_why or _("The project lead can tell you why.")
        kept = _("What you handed in is kept. Talk to the project lead, who can let you go on.")
        return Nothing(f"{paused} {why} {kept}")
    if campaign.state == Campaign.State.CLOSED:
        return Nothing(_("This review is closed. Thank you for your help."))
    if campaign.state in (Campaign.State.DRAFT, Campaign.State.PLANNING):
        return Nothing(_("This review is being planned. It begins by itself."), PLANNING_SECONDS)
    if campaign.state != Campaign.State.OPEN:
        return Nothing(_("This review is not open at the moment."), BUSY_SECONDS)
    if not rules.is_lent(member, campaign):
        return Nothing(_("This review is for others. The project lead can tell you which one is for you."))
    if campaign.policy == Campaign.Policy.SOLO and not rules.can_supervise(member) and begun(campaign, member):
        return Nothing(_("One person alone reviews this, and somebody else has begun."))
    return None


def begun(campaign: Campaign, member: Member) -> bool:
    """Whether somebody else has a batch in hand, or has handed one in."""
    others = campaign.assignments.exclude(reviewer=member.user_id)
    return others.filter(state__in=[Assignment.State.LENT, Assignment.State.HANDED_IN]).exists()


@dataclass(frozen=True)
class Composed:
    batch: int | None
    places: list[Place]


class Composition:
    """One claim's choice of items; everything is read under the claim's own transaction."""

    def __init__(
        self, campaign: Campaign, member: Member, cursor: Any, room: int, left: budget.Left, limited: bool = False
    ) -> None:
        """room: for so many tiles, those that are planted aside; limited: and for none beyond them."""
        self.campaign, self.reviewer, self.cursor, self.room, self.left = campaign, member.user, cursor, room, left
        self.limited = limited
        self.planting = Planting(campaign, member.user, cursor)
        self.names = {"campaign": campaign.pk, "reviewer": member.user_id, "allowed": teams.allowed_labels(member),
                      "alone": campaign.policy == Campaign.Policy.SOLO}  # fmt: skip

    def compose(self) -> Composed | None:
        batch, lent, again = self.most_valuable() if self.left.scarce else (None, [], [])
        if not lent and not again:
            batch, lent, again = self.in_turn()
        if not lent and not again:
            seconds = self.planting.last_seconds(self.room)
            return Composed(None, sorted(seconds, key=lambda p: p.order)) if seconds else None
        own = lent + again
        tiles = own + self.planting.fillers(again, lent) + self.planting.seconds(lent + again)
        planted = [place for place in tiles + self.planting.honeypots(batch, tiles) if place.planted]
        return Composed(batch, sorted(own + clear_of_stacks(planted, own), key=lambda p: p.order))

    def in_turn(self) -> tuple[int | None, list[Place], list[Place]]:
        """(a batch, what is lent of it, what is asked again)."""
        batch, lent = self.stretch()
        return batch, lent, self.asked_again(lent, self.room - len(lent))

    def most_valuable(self) -> tuple[None, list[Place], list[Place]]:
        """The same where the budget does not reach for all: of the class that has the most valuable look all those that
        the budget is to be spent on, then of the next one; what is worth less to whoever has met all these."""
        lent: list[Place] = []
        for least in (budget.least_value(self.campaign, self.left.looks, self.cursor), 0.0):
            groups: set[tuple[int, int]] = set()
            while len(lent) < self.room and len(groups) < GROUPS and (group := self.next_group(groups, least)):
                groups.add(group)
                names: dict[str, Any] = {"least": least, **as_lists({group})}
                where = f"v.campaign_id = %(campaign)s AND v.value >= %(least)s AND {OF_BATCH} AND {IN_GROUPS}"
                room, lock = self.room - len(lent), f"{LOCK_PLACES} SKIP LOCKED"
                lent += self.take(where, room, lock, by="v.value DESC, v.place", **names)
            if lent:
                break
        return None, [place for place in lent if not place.again], [place for place in lent if place.again]

    def next_group(self, besides: set[tuple[int, int]], least: float) -> tuple[int, int] | None:
        self.cursor.execute(
            f"""SELECT v.label_id, coalesce(v.group_id, 0) FROM review_verdict v
                WHERE {budget.WORTH} AND v.value >= %(least)s AND {OF_BATCH} AND {FREE} AND NOT {IN_GROUPS}
                ORDER BY v.value DESC, v.place LIMIT 1""",
            {**self.names, "least": least, **as_lists(besides)},
        )
        row = self.cursor.fetchone()
        return (int(row[0]), int(row[1])) if row else None

    def stretch(self) -> tuple[int | None, list[Place]]:
        """A batch and what of it is lent. One that we waited for may be spent by now; then the next one is tried. Where
        little of it is free, the next ones' free places come along. Their rows are passed by where somebody holds them:
        to wait for them after the first batch's own could close a circle."""
        while (first := self.choose_batch()) is not None:
            if lent := self.take("v.batch_id = %(batch)s", self.room, LOCK_PLACES, batch=first):
                break
        else:
            return None, []
        tried = [first]
        while 2 * len(lent) < self.room and len(tried) < BATCHES and (batch := self.choose_batch(besides=tried)):
            tried.append(batch)
            skip = f"{LOCK_PLACES} SKIP LOCKED" if LOCK_PLACES else ""
            lent += self.take("v.batch_id = %(batch)s", self.room - len(lent), skip, batch=batch)
        return first, lent

    def choose_batch(self, besides: Sequence[int] = ()) -> int | None:
        """A batch with a free place for this person, from where they left off. One that somebody else is claiming from
        is passed by; only where no other is left do we wait for it, and never for one `besides` those we have.

        Those after the last one are searched before those up to it: each by the index in its order, so that a claim
        reads as far as the first that has a place, however many batches there are."""
        ways = ((True, "SKIP LOCKED"), (False, "SKIP LOCKED"), (False, ""))
        for untouched, lock in ways[:2] if besides else ways:
            mine = """AND NOT EXISTS (SELECT 1 FROM review_assignment a WHERE a.batch_id = b.id
                      AND a.reviewer_id = %(reviewer)s AND a.state IN ('lent', 'handed_in'))"""
            parts = (
                f"""SELECT * FROM (SELECT b.id FROM review_batch b
                    WHERE b.campaign_id = %(campaign)s AND b.open AND NOT b.withdrawn {mine if untouched else ""}
                      AND b.id <> ALL(%(besides)s::bigint[]) AND b.number {side} (SELECT number FROM last)
                      AND EXISTS (SELECT 1 FROM review_verdict v WHERE v.batch_id = b.id AND {FREE})
                    ORDER BY b.number LIMIT 1 {LOCK_BATCH and f"{LOCK_BATCH} {lock}"}) AS part"""
                for side in (">", "<=")
            )
            self.cursor.execute(
                f"""WITH last AS MATERIALIZED (SELECT coalesce((SELECT b.number FROM review_assignment a
                      JOIN review_batch b ON b.id = a.batch_id
                      WHERE a.campaign_id = %(campaign)s AND a.reviewer_id = %(reviewer)s
                      ORDER BY a.id DESC LIMIT 1), 0) AS number)
                    {" UNION ALL ".join(parts)} LIMIT 1""",
                {**self.names, "besides": list(besides)},
            )
            if row := self.cursor.fetchone():
                return int(row[0])
        return None

    def take(self, where: str, limit: int, lock: str, *, by: str = "v.id", **names: Any) -> list[Place]:
        """Lend up to `limit` free items: each gains one lent place, which the row's own constraint bounds. In another
        order than that of ids none may be waited for."""
        self.cursor.execute(
            f"""WITH free AS MATERIALIZED (
                  SELECT v.id FROM review_verdict v WHERE {where} AND {FREE}
                  ORDER BY {by} LIMIT %(limit)s {lock})
                UPDATE review_verdict v SET lent = v.lent + 1 FROM free
                WHERE v.id = free.id
                RETURNING v.item_id, v.label_id, v.place, v.group_id, v.stack, v.batch_id IS NULL""",
            {**self.names, **names, "limit": limit},
        )
        rows = self.cursor.fetchall()
        return [Place(item, label, at, group, stack, again=again) for item, label, at, group, stack, again in rows]

    def asked_again(self, lent: list[Place], room: int) -> list[Place]:
        """Items that somebody else must look at, blended into a stretch of their label; in a grid of their own, beside
        clean ones, where no such stretch is left."""
        if lent:
            more = 0 if self.campaign.budget or self.limited else len(lent) // 4
            return self.take_again(groups_of(lent), max(room, more))
        half = max(1, room // 2)
        groups: set[tuple[int, int]] = set()
        total = 0
        # Of those that fill it the first, else the largest.
        for label, group, count in sorted(self.classes_asked_again(8 * half), key=lambda each: -min(each[2], half)):
            groups.add((label, group))
            total += count
            if total >= half:
                break
        return self.take_again(groups, half) if groups else []

    def classes_asked_again(self, enough: int) -> list[tuple[int, int, int]]:
        """(label, group, how many items of it this person may be asked about) of the first `enough` that are asked
        again. Everybody goes through the labels in an order of their own: so they keep to one as long as it lasts, and
        to different ones."""
        self.cursor.execute(
            f"""SELECT label_id, coalesce(group_id, 0), count(*) FROM (
                  SELECT free.*, l.turn FROM (
                      SELECT id, row_number() OVER (ORDER BY hashint8(id + %(reviewer)s), id) AS turn
                      FROM review_label WHERE dataset_id = %(dataset)s ORDER BY turn OFFSET 0) l
                  CROSS JOIN LATERAL (SELECT v.label_id, v.group_id FROM review_verdict v
                      WHERE v.campaign_id = %(campaign)s AND v.batch_id IS NULL AND v.label_id = l.id AND {FREE}
                      ORDER BY v.place LIMIT %(enough)s) free
                  LIMIT %(enough)s) found
                GROUP BY 1, 2 ORDER BY min(turn), 2""",
            {**self.names, "dataset": self.campaign.dataset_id, "enough": enough},
        )
        return list(self.cursor.fetchall())

    def take_again(self, groups: set[tuple[int, int]], limit: int) -> list[Place]:
        """Of the items asked again, class by class, each by its index only as far as there is room. Rows that somebody
        holds are passed by: after a batch's own rows, waiting for lower ones could close a circle."""
        where = """v.campaign_id = %(campaign)s AND v.batch_id IS NULL
          AND v.label_id = %(label)s AND coalesce(v.group_id, 0) = %(group)s"""
        found: list[Place] = []
        for label, group in sorted(groups):
            if len(found) < limit:
                lock = f"{LOCK_PLACES} SKIP LOCKED"
                found += self.take(where, limit - len(found), lock, by="v.place", label=label, group=group)
        return found


def lend(
    campaign: Campaign, reviewer: User, key: str, composed: Composed, live: list[Assignment], cursor: Any
) -> Assignment:
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
    places = composed.places
    stacks: Sequence[int | None] = stack_numbers(places) if campaign.stacks else [None] * len(places)
    rows = [(p.item, p.label, p.planted, p.second, p.group, s) for p, s in zip(places, stacks, strict=True)]
    cursor.execute(WRITE_TILES, [assignment.pk, campaign.dataset_id, *map(list, zip(*rows, strict=True))])
    audit.record("claimed", project=campaign.dataset.project_id, campaign=campaign, actor=reviewer,
                 assignment=assignment.pk, tiles=len(composed.places))  # fmt: skip
    return assignment


def why_nothing(campaign: Campaign, member: Member, composition: Composition) -> Nothing:
    """The sentence for a person who came for work and gets none."""
    if composition.room <= 0:
        return Nothing(
            _("All looks that this review was given are lent or done. The project lead can give it more."), BUSY_SECONDS
        )
    composition.cursor.execute(
        """SELECT count(*) FILTER (WHERE v.wanted > v.lent + v.counted),
             count(*) FILTER (WHERE v.wanted > v.lent + v.counted
               AND (%(allowed)s::bigint[] IS NULL OR v.label_id = ANY(%(allowed)s))),
             count(*) FILTER (WHERE v.lent > 0)
           FROM review_verdict v WHERE v.campaign_id = %(campaign)s AND v.state = 'open'""",
        composition.names,
    )
    free, mine, lent = composition.cursor.fetchone()
    others = Assignment.objects.filter(campaign=campaign, state=Assignment.State.LENT).exclude(reviewer=member.user_id)
    if free and not mine:
        return Nothing(
            _("Your classes are done for now. What is left is of classes that are for other people."), BUSY_SECONDS
        )
    if free:
        return Nothing(
            _("You have seen all that is open. What is left needs the eyes of somebody else."), RETRY_SECONDS
        )
    if lent:
        until = others.order_by("expires_at").values_list("expires_at", flat=True).first()
        if until is None:
            return Nothing(_("The last items are with other people. Some may come back."), RETRY_SECONDS)
        said = _("The last items are with other people until %(time)s at the latest. Some may come back.")
        return Nothing(said % {"time": f"{timezone.localtime(until):%H:%M}"}, RETRY_SECONDS)
    if campaign.verdicts.filter(state=Verdict.State.DISPUTED).exists():
        return Nothing(_("All looks are in. A supervisor settles what is left."), BUSY_SECONDS)
    return Nothing(_("All items of this review are settled. Thank you."))
