"""The sums that a board is made of, added up by the database: a row for each label, reviewer or hour, never one for
each item or look."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

from django.db import connection

from ..consensus import calibration, residual
from ..consensus.fit import PREVALENCE
from ..consensus.fit import Fit as Estimate
from ..consensus.votes import NEITHER, logit
from ..models import Campaign, Verdict
from ..operations.judge import AGAINST_REASONS, SAID

UNDECIDED = [str(reason) for reason, said in SAID.items() if said == NEITHER]
SETTLED = (Verdict.State.CLEAN, Verdict.State.FIX, Verdict.State.UNCLEAR)  # neither open nor waiting for a supervisor
# v: each verdict with p, the probability that its label is wrong, and q, that it still is. Of one that nobody has
# judged p is its prior as the fit has it: calibration.log_odds in SQL.
VERDICTS = """WITH calibrated AS (SELECT * FROM unnest(%(labels)s::bigint[], %(shifts)s::float8[], %(tilts)s::float8[],
    %(floors)s::float8[]) AS t(label_id, shift, tilt, floor)),
  seen AS (SELECT v.*, f.id IS NOT NULL AS fixed, CASE WHEN v.prior IS NULL THEN 0 ELSE coalesce(c.floor, %(floor)s) END
      AS floor, coalesce(c.shift, 0) + CASE WHEN v.prior IS NULL THEN %(unknown)s ELSE %(intercept)s
      + %(slope)s * x.x + coalesce(c.tilt, 0) * (x.x - %(middle)s) END AS u
    FROM review_verdict v LEFT JOIN review_fix f ON f.verdict_id = v.id AND f.state = 'applied'
      LEFT JOIN calibrated c ON c.label_id = v.label_id AND v.probability IS NULL,
      LATERAL (SELECT least(greatest(v.prior, 1e-6), 1 - 1e-6) AS p) a, LATERAL (SELECT ln(a.p) - ln(1 - a.p) AS x) x
    WHERE v.campaign_id = %(campaign)s),
  believed AS (SELECT seen.*, coalesce(probability, floor + (1 - floor) / (1 + exp(-u))) AS p FROM seen),
  v AS (SELECT *, CASE WHEN fixed THEN 1 - p ELSE p END AS q FROM believed)"""
CELLS = f"""{VERDICTS} SELECT label_id, round, state, count(*), count(*) FILTER (WHERE counted > 0), count(probability),
    count(*) FILTER (WHERE fixed), sum(p), sum(q), sum(q * (1 - q)), sum(counted),
    sum(greatest(wanted - counted, 1)) FILTER (WHERE counted > 0), sum(wanted) FILTER (WHERE counted = 0)
  FROM v GROUP BY 1, 2, 3"""
# Of each label, and of all together (label 0): n s - s² summed over groups, of an item without one q (1 - q).
GROUPS = f"""{VERDICTS}, part AS (SELECT i."group" AS kin, v.label_id, count(*) AS n, sum(q) AS s,
      sum(q * (1 - q)) AS alone FROM v JOIN review_item i ON i.id = v.item_id GROUP BY 1, 2),
  whole AS (SELECT kin, sum(n) AS n, sum(s) AS s, sum(alone) AS alone FROM part GROUP BY 1)
  SELECT label_id, sum(CASE WHEN kin = '' THEN alone ELSE n * s - s * s END) FROM part GROUP BY 1
  UNION ALL SELECT 0, sum(CASE WHEN kin = '' THEN alone ELSE n * s - s * s END) FROM whole"""
LOOKS = """SELECT reviewer_id, extract(epoch FROM date_trunc('hour', at))::bigint,
    count(*) FILTER (WHERE counted AND NOT planted), count(*) FILTER (WHERE NOT counted),
    count(*) FILTER (WHERE planted), count(*) FILTER (WHERE NOT planted),
    count(*) FILTER (WHERE reason <> '' AND NOT planted)
  FROM review_look WHERE campaign_id = %(campaign)s GROUP BY 1, 2"""
# Items alike in label, looks and flags; and in the hour of their first look.
ITEMS = """SELECT label_id, looks, flags, extract(epoch FROM date_trunc('hour', first))::bigint, count(*) FROM
    (SELECT label_id, min(at) AS first, count(*) FILTER (WHERE NOT reason = ANY(%(undecided)s)) AS looks,
      count(*) FILTER (WHERE reason = ANY(%(against)s)) AS flags
     FROM review_look WHERE campaign_id = %(campaign)s AND counted AND NOT planted GROUP BY item_id, label_id) i
  GROUP BY 1, 2, 3, 4"""
# Each two people with looks in common: how many, how often either flagged, and both.
PAIRS = """WITH l AS MATERIALIZED (SELECT item_id, reviewer_id, (reason = ANY(%(against)s))::int AS flag
    FROM review_look
    WHERE campaign_id = %(campaign)s AND counted AND NOT planted AND NOT reason = ANY(%(undecided)s))
  SELECT a.reviewer_id, b.reviewer_id, count(*), sum(a.flag + b.flag), sum(a.flag * b.flag)
  FROM l a JOIN l b ON b.item_id = a.item_id AND b.reviewer_id > a.reviewer_id
  GROUP BY 1, 2 HAVING count(*) >= %(least)s"""


@dataclass
class Cell:
    """Sums over verdicts. known: those that somebody or something has judged; wrong: of p; left and alone: of q and
    q (1 - q); to_go: looks that open items in hand want still; first: those that open items want that nobody saw."""

    items: int = 0
    looked: int = 0
    known: int = 0
    fixed: int = 0
    wrong: float = 0.0
    left: float = 0.0
    alone: float = 0.0
    counted: int = 0
    to_go: int = 0
    first: int = 0

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Cell)))


Key = tuple[int, int, str]  # label, round, state


@dataclass(frozen=True)
class Tally:
    """A campaign's verdicts. together: what residual.Sums calls so, by label, of all under 0; none where items have no
    groups."""

    cells: dict[Key, Cell]
    together: dict[int, float] | None

    def sum(self, of: Callable[[Key], bool] = lambda key: True) -> Cell:
        return sum((cell for key, cell in self.cells.items() if of(key)), Cell())

    def by(self, part: int) -> dict[Any, Cell]:
        """By label (0), round (1) or state (2)."""
        found: dict[Any, Cell] = {}
        for key, cell in self.cells.items():
            found[key[part]] = found.get(key[part], Cell()) + cell
        return found

    def rate(self, cell: Cell, label: int = 0) -> dict[str, Any]:
        """Before: the share of labels that were wrong; now: of those still wrong. Unknown until somebody has looked.
        cell: of all verdicts, or of all of a label."""
        if not cell.looked or not cell.known:
            return {"before": None, "now": None, "interval": None}
        together = cell.alone if self.together is None else self.together[label]
        now, low, high = residual.of_sums(residual.Sums(cell.items, cell.left, cell.alone, together))
        return {"before": cell.wrong / cell.items, "now": now, "interval": [low, high]}


def tally(campaign: Campaign) -> Tally:
    names = {"campaign": campaign.pk, **calibrated(campaign)}
    cells = {
        (label, number, state): Cell(*(v or 0 for v in sums)) for label, number, state, *sums in rows(CELLS, names)
    }
    grouped = bool(cells) and bool(campaign.dataset.group_by)
    return Tally(cells, dict(rows(GROUPS, names)) if grouped else None)


def calibrated(campaign: Campaign) -> dict[str, Any]:
    """What VERDICTS needs to know of the campaign's fit; before there is one, priors are taken at their word."""
    prevalence, fit = float(logit(PREVALENCE)), Estimate()
    if campaign.fit is not None:
        fit = Estimate.from_json(campaign.fit.parameters)
        prevalence = float(logit(fit.prevalence))
    shifts, tilts, floors = zip(*fit.labels.values(), strict=True) if fit.labels else ((), (), ())
    return {"labels": list(fit.labels), "shifts": list(shifts), "tilts": list(tilts), "floors": list(floors),
            "floor": fit.floor, "unknown": prevalence, "intercept": fit.intercept, "slope": fit.slope,
            "middle": calibration.MIDDLE}  # fmt: skip


def rows(query: str, names: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, names)
        return cursor.fetchall()


@dataclass(frozen=True)
class Looks:
    """What one person did in one hour (seconds since 1970). counted: ordinary looks that count; all: ordinary ones."""

    reviewer: int
    hour: int
    counted: int
    surplus: int
    planted: int
    all: int
    flags: int


def looks(campaign: Campaign) -> list[Looks]:
    return [Looks(*row) for row in rows(LOOKS, {"campaign": campaign.pk})]


@dataclass(frozen=True)
class Alike:
    """Items of one label with as many looks that take a side and flags among them, first seen in one hour."""

    label: int
    looks: int
    flags: int
    hour: int
    items: int


def items(campaign: Campaign) -> list[Alike]:
    return [Alike(*row) for row in rows(ITEMS, sides(campaign))]


def pairs(campaign: Campaign, least: int) -> list[tuple[int, int, int, int, int]]:
    """(reviewer, reviewer, items in common, flags of both together, items that both flagged)."""
    return [tuple(map(int, row)) for row in rows(PAIRS, {**sides(campaign), "least": least})]  # type: ignore[misc]


def sides(campaign: Campaign) -> dict[str, Any]:
    return {"campaign": campaign.pk, "against": AGAINST_REASONS, "undecided": UNDECIDED}


def summed(pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """[[hour, sum], ...] in order of time."""
    found: dict[int, int] = {}
    for hour, n in pairs:
        found[hour] = found.get(hour, 0) + n
    return [[hour, found[hour]] for hour in sorted(found)]
