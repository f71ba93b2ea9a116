"""What is planted among a person's tiles: items whose truth is known, each where the order would put it. Their looks
measure the reviewer and are no looks at the items."""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..models import Campaign, User, Verdict
from .judge import AGAINST_REASONS
from .places import ASSIGNED, DRAWN, IN_GROUPS, MET, MET_PLANTED, SHOWN, Place, as_lists, groups_of

TILES_A_HONEYPOT = 6  # at least so many others beside each, so that none stands out
SPARE_PEOPLE = 2  # beyond those an item's own looks may need, before it is planted
SECTIONS = 8  # so many sections' candidates are weighed
TILES_A_SECOND = 10  # at least so many others beside each second look
# Whether somebody has met an item is dear to know: it is asked of one after another, in an order of chance, until
# there are enough.
SHUFFLED = "ORDER BY hashint8(v.id + %(salt)s) OFFSET 0"
LATER = 2  # hand-ins after the one with the first look, before there may be a second


@dataclass(frozen=True)
class Planted:
    """Where an item may be planted, and its own near duplicates."""

    label: int
    group: int | None
    at: float
    mates: list[int] = field(default_factory=list)


class Planting:
    """One claim's choice of what is planted, read under the claim's own transaction."""

    def __init__(self, campaign: Campaign, reviewer: User, cursor: Any) -> None:
        self.campaign, self.cursor = campaign, cursor
        self.alone = campaign.policy == Campaign.Policy.SOLO
        self.names = {"campaign": campaign.pk, "dataset": campaign.dataset_id, "reviewer": reviewer.pk,
                      "alone": self.alone}  # fmt: skip
        self.rng = np.random.default_rng(secrets.randbits(63))

    def fillers(self, again: list[Place], lent: list[Place]) -> list[Place]:
        """Known clean items to stand out from, where a grid would else hold doubtful ones alone."""
        if not again or len(lent) >= len(again):
            return []
        self.cursor.execute(
            f"""SELECT v.item_id, v.label_id, v.place, v.group_id FROM (
                  SELECT * FROM review_verdict v WHERE v.campaign_id = %(campaign)s AND {IN_GROUPS}
                    AND v.state = 'clean' AND v.counted > 0 AND v.flags = 0 {SHUFFLED}) v
                WHERE NOT {MET} AND NOT {SHOWN.format(item="v.item_id")} LIMIT %(limit)s""",
            {**self.names, **as_lists(groups_of(again)), "limit": max(4, len(again)), "salt": secrets.randbits(31)},
        )
        return [Place(item, label, at, group, planted=True) for item, label, at, group in self.cursor.fetchall()]

    def seconds(self, tiles: list[Place]) -> list[Place]:
        """Items of these sections that whoever reviews alone looked at some hand-ins ago: of the audit sample, and of
        what they flagged."""
        later = """l.assignment_id < (SELECT min(a.id) FROM (
            SELECT a.id FROM review_assignment a WHERE a.campaign_id = %(campaign)s AND a.reviewer_id = %(reviewer)s
              AND a.state = 'handed_in' ORDER BY a.id DESC LIMIT %(later)s) a)"""
        where = f"{IN_GROUPS} AND {later}"
        return self.looked_at(where, len(tiles) // TILES_A_SECOND, later=LATER, **as_lists(groups_of(tiles)))

    def last_seconds(self, room: int) -> list[Place]:
        """What is left of these once all else is looked at, the longest ago first."""
        return self.looked_at("TRUE", room)

    def looked_at(self, where: str, limit: int, **names: Any) -> list[Place]:
        if not self.alone or not self.campaign.audit_share or limit < 1:
            return []
        self.cursor.execute(
            f"""SELECT v.item_id, v.label_id, v.place, v.group_id
                FROM review_verdict v JOIN review_look l ON l.campaign_id = v.campaign_id AND l.item_id = v.item_id
                WHERE v.campaign_id = %(campaign)s AND l.reviewer_id = %(reviewer)s AND l.counted AND NOT l.planted
                  AND (v.audit IS NOT NULL OR (l.reason = ANY(%(against)s) AND {DRAWN}))
                  AND NOT {MET_PLANTED} AND {where}
                ORDER BY l.id LIMIT %(limit)s""",
            {**self.names, **names, "limit": limit, "seed": self.campaign.seed, "against": AGAINST_REASONS},
        )
        rows = self.cursor.fetchall()
        return [Place(item, label, at, group, planted=True, second=True) for item, label, at, group in rows]

    def honeypots(self, batch: int | None, tiles: list[Place]) -> list[Place]:
        """Wrong labels for these tiles' sections: errors that the dataset had, where some are known, and items of other
        classes. Half and half, so that both kinds of difficulty are measured."""
        few = min(self.campaign.honeypots, len(tiles) // TILES_A_HONEYPOT)
        if few < 1:
            return []
        taken = {place.item for place in tiles}
        pool = self.of_other_classes(batch, tiles)
        mates = {mate for planted in pool.values() for mate in planted.mates}
        able = set(self.plantable(list({*pool, *mates} - taken)))
        easy = self.shuffled([item for item in pool if item in able])
        # Whoever reviews alone has found all fixes themselves: to find them again would prove nothing.
        mended = {} if self.alone else self.mended(tiles, few)
        hard = self.shuffled([item for item in mended if item not in taken and item not in able])
        wished = (few + int(self.rng.integers(2))) // 2
        chosen = hard[: max(wished, few - len(easy))]
        chosen += easy[: few - len(chosen)]
        return self.with_mates(chosen, pool | mended, able)

    def shuffled(self, items: list[int]) -> list[int]:
        return [items[k] for k in self.rng.permutation(len(items))]

    def of_other_classes(self, batch: int | None, tiles: list[Place]) -> dict[int, Planted]:
        """The sections' candidates, each after the item that it looks most like."""
        self.cursor.execute(
            f"""SELECT s.label_id, s.group_id, s.honeypots
                FROM review_section s JOIN review_batch b ON b.id = s.batch_id
                WHERE b.campaign_id = %(campaign)s AND CASE WHEN %(batch)s::bigint IS NULL
                  THEN {IN_GROUPS.replace("v.", "s.")} ELSE s.batch_id = %(batch)s END
                ORDER BY random() LIMIT {SECTIONS}""",
            {**self.names, "batch": batch, **as_lists(groups_of(tiles))},
        )
        entries = [
            (item, label, group, near, mates[0] if mates else [])
            for label, group, column in self.cursor.fetchall()
            for item, near, *mates in (json.loads(column) if isinstance(column, str) else column)
        ]
        at = {place.item: place.at for place in tiles}
        if away := {near for *_, near, _ in entries} - at.keys():
            anchors = Verdict.objects.filter(campaign=self.campaign, item__in=away)
            at |= dict(anchors.values_list("item_id", "place"))
        return {
            item: Planted(label, group, at.get(near, 0) + 0.5, mates) for item, label, group, near, mates in entries
        }

    def mended(self, tiles: list[Place], few: int) -> dict[int, Planted]:
        """Items that were found to carry a label of these sections wrongly, where they would have stood."""
        self.cursor.execute(
            f"""SELECT v.item_id, v.label_id, v.group_id, v.place FROM (
                  SELECT v.* FROM review_verdict v JOIN review_item i ON i.id = v.item_id
                  WHERE v.campaign_id = %(campaign)s AND v.state = 'fix' AND {IN_GROUPS}
                    AND i.label_id <> v.label_id AND NOT i.removed {SHUFFLED}) v
                WHERE NOT {MET} AND NOT {SHOWN.format(item="v.item_id")} LIMIT %(limit)s""",
            {**self.names, **as_lists(groups_of(tiles)), "salt": secrets.randbits(31), "limit": few},
        )
        return {item: Planted(label, group, at) for item, label, group, at in self.cursor.fetchall()}

    def with_mates(self, chosen: list[int], pool: dict[int, Planted], able: set[int]) -> list[Place]:
        """Each planted item, with its own near duplicates where the campaign stacks: else only ordinary ones would lie
        in stacks."""
        places: list[Place] = []
        planted: set[int] = set(chosen)
        for item in chosen:
            entry = pool[item]
            mates = [mate for mate in entry.mates if mate in able and mate not in planted]
            planted.update(mates)
            places += [
                Place(each, entry.label, entry.at, entry.group, -item if mates else None, planted=True)
                for each in [item, *mates]
            ]
        return places

    def plantable(self, items: list[int]) -> list[int]:
        """Those that nobody is shown as what they are, that this person has not met, and that leave enough other people
        for the items' own looks: whoever meets an item planted can never be asked about it. Alone, those not met
        planted yet, but for what is to be looked at a second time."""
        if self.alone:
            self.cursor.execute(
                f"""SELECT v.item_id FROM unnest(%(items)s::bigint[]) AS v(item_id)
                    WHERE NOT {MET_PLANTED} AND NOT {SHOWN.format(item="v.item_id")}
                      AND NOT EXISTS (SELECT 1 FROM review_verdict w WHERE w.campaign_id = %(campaign)s
                        AND w.item_id = v.item_id AND w.audit IS NOT NULL)""",
                {**self.names, "items": items},
            )
            return [row[0] for row in self.cursor.fetchall()]
        self.cursor.execute(
            f"""SELECT p.item_id FROM unnest(%(items)s::bigint[]) AS p(item_id)
                LEFT JOIN review_verdict v ON v.campaign_id = %(campaign)s AND v.item_id = p.item_id
                WHERE NOT {MET.replace("v.item_id", "p.item_id")} AND NOT {SHOWN.format(item="p.item_id")}
                  AND (v.id IS NULL OR v.state <> 'open'
                  OR (SELECT count(*) FROM review_member m WHERE m.project_id = %(project)s AND (
                        SELECT TRUE FROM review_assignment a
                        WHERE a.campaign_id = %(campaign)s AND a.reviewer_id = m.user_id LIMIT 1))
                     - (SELECT count(DISTINCT a.reviewer_id) FROM {ASSIGNED.format(item="p.item_id")})
                     >= %(looks)s - v.counted - v.lent + {SPARE_PEOPLE})""",
            {
                **self.names,
                "items": items,
                "looks": self.campaign.looks_max,
                "project": self.campaign.dataset.project_id,
            },
        )
        return [row[0] for row in self.cursor.fetchall()]
