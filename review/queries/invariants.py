"""What must hold in the database at any time, beyond what its constraints say; each breach is a sentence."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import QuerySet

from ..arrays import chunked
from ..models import Campaign, Verdict
from ..operations.decide import AT_ONCE, resolutions, seen_looks
from ..operations.judge import Judged, judge

TOLERANCE = 1e-9

# (what is wrong, a query that gives one row for each breach)
QUERIES = [
    (
        "verdict {} of item {} has {} places lent, its live assignments hold {}",
        """SELECT v.id, v.item_id, v.lent, count(t.id) FROM review_verdict v
           LEFT JOIN (review_tile t JOIN review_assignment a ON a.id = t.assignment_id AND a.state = 'lent')
             ON t.item_id = v.item_id AND a.campaign_id = v.campaign_id AND NOT t.planted
           GROUP BY v.id HAVING v.lent <> count(t.id)""",
    ),
    (
        "verdict {} of item {} counts {} looks, there are {}",
        """SELECT v.id, v.item_id, v.counted, count(l.id) FROM review_verdict v
           LEFT JOIN review_look l ON l.item_id = v.item_id AND l.campaign_id = v.campaign_id
             AND NOT l.planted AND l.counted
           GROUP BY v.id HAVING v.counted <> count(l.id)""",
    ),
    (
        "person {} holds item {} of campaign {} {} times at once",
        """SELECT a.reviewer_id, t.item_id, a.campaign_id, count(*) FROM review_tile t
           JOIN review_assignment a ON a.id = t.assignment_id JOIN review_campaign c ON c.id = a.campaign_id
           WHERE a.state = 'lent' GROUP BY 1, 2, 3, c.policy = 'solo' AND t.planted HAVING count(*) > 1""",
    ),
    (
        "person {} met item {} of campaign {} both planted and not",
        # Of campaigns that one person never reviewed alone.
        """SELECT l.reviewer_id, l.item_id, l.campaign_id
           FROM review_look l JOIN review_campaign c ON c.id = l.campaign_id WHERE c.policy <> 'solo' AND NOT EXISTS (
             SELECT 1 FROM review_auditevent e WHERE e.campaign_id = c.id AND e.verb = 'campaign changed')
           GROUP BY 1, 2, 3 HAVING bool_or(l.planted) AND bool_or(NOT l.planted)""",
    ),
    (
        "item {} carries label {}, its history ends at {}",
        """SELECT i.id, i.label_id, r.new FROM review_item i
           JOIN LATERAL (SELECT new FROM review_revision r WHERE r.item_id = i.id AND r.field = 'label'
                         ORDER BY number DESC LIMIT 1) r ON TRUE
           WHERE to_jsonb(i.label_id) <> r.new""",
    ),
    (
        "item {} is removed: {}, its history ends at {}",
        """SELECT i.id, i.removed, r.new FROM review_item i
           JOIN LATERAL (SELECT new FROM review_revision r WHERE r.item_id = i.id AND r.field = 'removed'
                         ORDER BY number DESC LIMIT 1) r ON TRUE
           WHERE to_jsonb(i.removed) <> r.new""",
    ),
    (
        "revision {} does not begin where revision {} of its item ends",
        """SELECT r.id, p.id FROM review_revision r JOIN review_revision p ON p.id = r.previous_id
           WHERE r.old IS DISTINCT FROM p.new OR r.field <> p.field
             OR (r.item_id, r.label_id) IS DISTINCT FROM (p.item_id, p.label_id)""",
    ),
    (
        "label {} is called {}, its history ends at {}",
        """SELECT l.id, l.name, r.new FROM review_label l
           JOIN LATERAL (SELECT new FROM review_revision r WHERE r.label_id = l.id AND r.field = 'name'
                         ORDER BY number DESC LIMIT 1) r ON TRUE
           WHERE to_jsonb(l.name) <> r.new""",
    ),
    (
        "label {} is a part of {}, its history ends at {}",
        """SELECT l.id, l.merged_into_id, r.new FROM review_label l
           LEFT JOIN LATERAL (SELECT new FROM review_revision r WHERE r.label_id = l.id AND r.field = 'merged'
                              ORDER BY number DESC LIMIT 1) r ON TRUE
           WHERE to_jsonb(l.merged_into_id) IS DISTINCT FROM nullif(r.new, 'null')""",
    ),
    (
        "label {} is a part of another, and {} items carry it",
        """SELECT l.id, count(*) FROM review_label l JOIN review_item i ON i.dataset_id = l.dataset_id
             AND i.label_id = l.id WHERE l.merged_into_id IS NOT NULL GROUP BY l.id""",
    ),
    (
        "{} is another name of label {}, and the name of label {}",
        """SELECT a.name, a.label_id, l.id FROM review_labelalias a
           JOIN review_label l ON l.dataset_id = a.dataset_id AND l.name = a.name""",
    ),
    (
        "campaign {} is for team {} of another project",
        """SELECT c.id, t.id FROM review_campaign c JOIN review_team t ON t.id = c.team_id
           JOIN review_dataset d ON d.id = c.dataset_id WHERE d.project_id <> t.project_id""",
    ),
    (
        "dataset {} stands at revision {}, its history at {}",
        """SELECT d.id, d.revision, coalesce(max(r.number), 0) FROM review_dataset d
           LEFT JOIN review_revision r ON r.dataset_id = d.id
           GROUP BY d.id HAVING d.revision <> coalesce(max(r.number), 0)""",
    ),
    (
        "verdict {} is {} and has {} standing fixes",
        """SELECT v.id, v.state, count(f.id) FROM review_verdict v
           LEFT JOIN review_fix f ON f.verdict_id = v.id AND f.state <> 'reverted'
           GROUP BY v.id HAVING count(f.id) <> (v.state = 'fix')::int""",
    ),
    (
        "verdict {} is under fit {}, all of its campaign should be under fit {}",
        """SELECT v.id, v.fit_id, f.id FROM review_campaign c JOIN review_fit f ON f.id = c.fit_id
           JOIN review_verdict v ON v.campaign_id = c.id
           WHERE f.whole AND v.probability IS NOT NULL AND v.fit_id IS DISTINCT FROM f.id""",
    ),
    (
        "assignment {} was handed in with {} counted looks, it has {}",
        """SELECT a.id, a.counted, count(l.id) FROM review_assignment a
           LEFT JOIN review_look l ON l.assignment_id = a.id AND l.counted
           WHERE a.state = 'handed_in' GROUP BY a.id HAVING a.counted <> count(l.id)""",
    ),
    (
        "assignment {} is {}, the ledger says {} looks, its hand-in {}",
        """SELECT a.id, a.state, h.looks, a.counted + a.surplus FROM review_assignment a
           FULL JOIN review_handin h ON h.assignment_id = a.id
           WHERE (a.state = 'handed_in') <> (h.id IS NOT NULL) OR h.looks <> a.counted + a.surplus
             OR h.reviewer_id <> a.reviewer_id OR h.campaign_id <> a.campaign_id""",
    ),
]


def breaches() -> Iterator[str]:
    """Sentences, one for each thing that does not hold."""
    with connection.cursor() as cursor:
        for sentence, query in QUERIES:
            cursor.execute(query)
            for row in cursor.fetchall():
                yield sentence.format(*row)
    for campaign in Campaign.objects.filter(fit__isnull=False).select_related("dataset"):
        yield from stale_verdicts(campaign)


def stale_verdicts(campaign: Campaign, among: QuerySet[Verdict] | None = None) -> Iterator[str]:
    """Verdicts that are not what their looks, resolutions and the fit that they name make of them; of all, or among
    these."""
    fits = campaign.fits.in_bulk()
    judged = (campaign.verdicts.all() if among is None else among).exclude(probability=None).order_by("pk")
    for verdicts in chunked(judged.iterator(AT_ONCE), AT_ONCE):
        looks = seen_looks(campaign, [v.item_id for v in verdicts])
        decided = resolutions(verdicts)
        stored = {v.pk: v for v in verdicts}
        for fit in {v.fit_id for v in verdicts}:
            under = [v for v in verdicts if v.fit_id == fit]
            items = {v.item_id for v in under}
            seen = [look for look in looks if look.item in items]
            for made in judge(campaign, under, seen, decided, fits[fit]):
                yield from differences(stored[made.id], made)


def differences(stored: Verdict, made: Judged) -> Iterator[str]:
    if abs((stored.probability or 0) - made.probability) > TOLERANCE:
        yield f"verdict {stored.pk} has probability {stored.probability}, its looks give {made.probability}"
    # A campaign of an earlier release gets its values at the next refit.
    if stored.value is not None and (made.value is None or abs(stored.value - made.value) > TOLERANCE):
        yield f"a look at verdict {stored.pk} has value {stored.value}, its looks give {made.value}"
    for name, now, then in (
        ("state", stored.state, made.state),
        ("suggested label", stored.suggested_id, made.suggested),
        ("flags", stored.flags, made.flags),
        ("wanted looks", stored.wanted, made.wanted),
    ):
        if now != then:
            yield f"verdict {stored.pk} has {name} {now}, its looks give {then}"
