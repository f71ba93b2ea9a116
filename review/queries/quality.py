"""What planted looks say of each reviewer of a campaign."""

import datetime
from dataclasses import dataclass, field

from django.db import connection

from ..consensus.fit import Fit as Estimate
from ..models import Campaign, Fit
from ..operations.judge import AGAINST_REASONS

# A planted look speaks of nobody where a contest of it was upheld. Found first, from the few contests that there are:
# looks are many.
UPHELD = """WITH upheld AS MATERIALIZED (SELECT u.item_id, u.label_id FROM review_contest c
  JOIN review_look u ON u.id = c.look_id WHERE c.campaign_id = %(campaign)s AND c.state = 'upheld')"""
CONTESTED = "(l.item_id, l.label_id) IN (SELECT item_id, label_id FROM upheld)"
# Nor does it where its reviewer had been told what it is (by the answer to their question, by answering, by a
# guideline), or a guideline says that it is what it was shown as.
TOLD = """(EXISTS (SELECT 1 FROM review_question q WHERE q.item_id = l.item_id AND q.answered_at < l.at
    AND l.reviewer_id IN (q.by_id, q.answered_by_id))
  OR EXISTS (SELECT 1 FROM review_ruling r JOIN review_guideline g ON g.id = r.guideline_id WHERE r.item_id = l.item_id
    AND (g.at < l.at OR (r.shows = 'yes' AND r.label_id = l.label_id))))"""
# A hard one is an error that the dataset had.
PLANTED = f"""{UPHELD} SELECT l.reviewer_id, l.label_id <> i.label_id AS amiss, v.id IS NOT NULL AS hard,
       l.reason = ANY(%(against)s) AS flagged, count(*)
  FROM review_look l JOIN review_item i ON i.id = l.item_id
  LEFT JOIN review_verdict v ON v.campaign_id = l.campaign_id AND v.item_id = l.item_id AND v.label_id = l.label_id
  WHERE l.campaign_id = %(campaign)s AND l.planted AND NOT l.second AND l.counted
    AND (%(reviewer)s::bigint IS NULL OR l.reviewer_id = %(reviewer)s)
    AND (%(since)s::timestamptz IS NULL OR l.at > %(since)s)
    AND NOT {CONTESTED} AND NOT {TOLD}
  GROUP BY 1, 2, 3, 4"""


@dataclass
class Score:
    """How many planted errors somebody met and found, easy and hard ones apart; and how many planted clean items they
    met and left alone."""

    seen: int = 0
    found: int = 0
    hard_seen: int = 0
    hard_found: int = 0
    clean_seen: int = 0
    spared: int = 0


@dataclass
class Scores:
    of: dict[int, Score] = field(default_factory=dict)

    def get(self, reviewer: int) -> Score:
        return self.of.setdefault(reviewer, Score())


def scores(campaign: Campaign, reviewer: int | None = None, since: datetime.datetime | None = None) -> Scores:
    """By reviewer; of one alone, or of what came in after a moment."""
    found = Scores()
    with connection.cursor() as cursor:
        cursor.execute(
            PLANTED, {"campaign": campaign.pk, "reviewer": reviewer, "since": since, "against": AGAINST_REASONS}
        )
        for who, amiss, hard, flagged, count in cursor.fetchall():
            score = found.get(who)
            if not amiss:
                score.clean_seen += count
                score.spared += 0 if flagged else count
                continue
            score.seen += count
            score.found += count if flagged else 0
            score.hard_seen += count if hard else 0
            score.hard_found += count if hard and flagged else 0
    return found


def void(campaign: Campaign) -> set[int]:
    """The planted looks that speak of nobody."""
    return those(f"{CONTESTED} OR {TOLD}", campaign)


def told(campaign: Campaign, assignment: int) -> set[int]:
    """The planted looks of an assignment at what its reviewer had been told."""
    return those(f"l.assignment_id = %(assignment)s AND {TOLD}", campaign, assignment=assignment)


def those(where: str, campaign: Campaign, **names: int) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"{UPHELD} SELECT l.id FROM review_look l WHERE l.campaign_id = %(campaign)s AND l.planted AND ({where})",
            {"campaign": campaign.pk, **names},
        )
        return {pk for (pk,) in cursor.fetchall()}


def rates_of(fit: Fit) -> dict[int, tuple[float, float]]:
    """(sensitivity, specificity) of each user under a fit; of two who count as one, the same."""
    rates = dict(zip(fit.reviewers, Estimate.from_json(fit.parameters).mean_rates(), strict=True))
    return rates | {int(user): rates[one] for user, one in fit.aliases.items()}
