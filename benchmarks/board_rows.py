"""A campaign that was looked at by many people, written as rows in bulk, for benchmarks.board."""

from typing import Any

from benchmarks import rows, support

LABELS, REVIEWERS, BATCH = 400, 200, 100
WRITE = [
    """INSERT INTO review_assignment (campaign_id, batch_id, reviewer_id, state, claim_key, revision, flags, seen,
         lent_at, opened_at, expires_at, ended_at, sign_at, active_seconds, counted, surplus)
       SELECT %(c)s, b.id, (%(people)s::bigint[])[1 + (3 * b.number + j) %% %(r)s], 'handed_in',
         b.number || '-' || j, 1, '[]', '{}', t.at - interval '5 min', t.at - interval '5 min', t.at, t.at, t.at,
         60 + (b.number * 7) %% 200, %(b)s + 2, 0
       FROM review_batch b, generate_series(1, %(looks)s) j, LATERAL (SELECT now() - interval '30 days'
         + interval '30 days' * ((b.number + j * %(batches)s / 40) %% %(batches)s) / %(batches)s AS at) t
       WHERE b.campaign_id = %(c)s ORDER BY t.at""",
    """INSERT INTO review_look (campaign_id, dataset_id, assignment_id, reviewer_id, at, item_id, label_id, planted,
         second, counted, reason, comment)
       SELECT %(c)s, %(d)s, a.id, a.reviewer_id, a.ended_at, v.item_id, v.label_id, FALSE, FALSE, TRUE,
         CASE WHEN (v.item_id * 7919 + a.reviewer_id) %% 40 = 0 THEN 'wrong_label' ELSE '' END, ''
       FROM review_assignment a JOIN review_verdict v ON v.batch_id = a.batch_id WHERE a.campaign_id = %(c)s
       ORDER BY a.id""",
    """INSERT INTO review_look (campaign_id, dataset_id, assignment_id, reviewer_id, at, item_id, label_id, planted,
         second, counted, reason, comment)
       SELECT %(c)s, %(d)s, a.id, a.reviewer_id, a.ended_at, v.item_id, (SELECT max(id) FROM review_label WHERE
         dataset_id = %(d)s), TRUE, FALSE, TRUE, CASE WHEN v.item_id %% 5 = 0 THEN '' ELSE 'wrong_label' END, ''
       FROM review_assignment a JOIN review_batch b ON b.id = a.batch_id JOIN review_batch near
         ON near.campaign_id = %(c)s AND near.number = b.number %% %(batches)s + 1
       JOIN review_verdict v ON v.batch_id = near.id AND v.place %% %(b)s IN (1, 2) WHERE a.campaign_id = %(c)s""",
    """INSERT INTO review_handin (project_id, campaign_id, reviewer_id, assignment_id, at, looks, seconds, late)
       SELECT %(p)s, %(c)s, reviewer_id, id, ended_at, counted, active_seconds, FALSE FROM review_assignment
       WHERE campaign_id = %(c)s""",
    """UPDATE review_verdict SET counted = %(looks)s, wanted = %(looks)s + (place %% 200 = 1)::int, fit_id = %(f)s,
         probability = CASE WHEN place %% 50 = 0 THEN 0.99 WHEN place %% 200 = 1 THEN 0.5 ELSE 0.001 END,
         state = CASE WHEN place %% 50 = 0 THEN 'fix' WHEN place %% 200 = 1 THEN 'open' WHEN place %% 200 = 3
           THEN 'disputed' ELSE 'clean' END
       WHERE campaign_id = %(c)s""",
    """INSERT INTO review_revision (dataset_id, number, item_id, field, old, new, cause, at)
       SELECT %(d)s, row_number() OVER (ORDER BY item_id), item_id, 'label', to_jsonb(label_id), to_jsonb(label_id),
         'fix', now() - interval '30 days' * (place %% 97) / 97.0
       FROM review_verdict WHERE campaign_id = %(c)s AND state = 'fix'""",
    """INSERT INTO review_fix (dataset_id, campaign_id, verdict_id, item_id, kind, state, old_label_id, new_label_id,
         looks, flags, evidence, revision_id, at)
       SELECT %(d)s, %(c)s, v.id, v.item_id, 'relabel', 'applied', v.label_id, l.first + (v.label_id - l.first + 1)
         %% %(l)s, %(looks)s, 2, '[]', r.id, r.at
       FROM review_verdict v JOIN review_revision r ON r.item_id = v.item_id,
         (SELECT min(id) AS first FROM review_label WHERE dataset_id = %(d)s) l
       WHERE v.campaign_id = %(c)s AND v.state = 'fix'""",
]


def written(n: int, looks: int) -> Any:
    """An open campaign of n items, each looked at so often."""
    from django.db import connection, transaction

    from review.models import Campaign, Fit, Member, Ranking, User

    labels = max(40, n * LABELS // 10**6)
    dataset = rows.dataset_of(n, labels)
    dataset.group_by = "track"
    dataset.save()
    ranking = Ranking.objects.create(dataset=dataset, encoder="none", version="1", done=True)
    campaign = Campaign.objects.create(
        dataset=dataset,
        name=f"{n:,}",
        ranking=ranking,
        batch_size=BATCH,
        policy="fixed",
        looks_min=looks,
        looks_max=looks,
    )
    fit = Fit.objects.create(campaign=campaign, number=0, parameters=support.first_parameters(), label_count=labels)
    people = User.objects.bulk_create(User(username=f"board-{campaign.pk}-{k}", password="!") for k in range(REVIEWERS))
    Member.objects.bulk_create(Member(project=dataset.project, user=user, role="reviewer") for user in people)
    names = {"d": dataset.pk, "c": campaign.pk, "p": dataset.project_id, "b": BATCH, "n": n, "l": labels, "f": fit.pk,
             "looks": looks, "r": REVIEWERS, "people": [user.pk for user in people],
             "batches": -(-n // BATCH)}  # fmt: skip
    for statement in [*support.MADE_UP[3:], *WRITE]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(statement, names)
            cursor.execute("ANALYZE")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    Campaign.objects.filter(pk=campaign.pk).update(fit=fit, state="planning")
    Campaign.objects.filter(pk=campaign.pk).update(state="open", opened_at=campaign.created_at)
    campaign.refresh_from_db()
    return campaign
