"""What the database's part of a ranking, and planning a campaign, cost as items grow: seconds and memory of each step.

    python -m benchmarks.scale_site [--items 20000 50000] [--labels 400]

Items are made up, rows only, with vectors in storage. The job's own code reads them, writes what a ranking concluded,
and plans campaigns; what was concluded is made up too, since `benchmarks.scale` measures that. Each size runs in a
process of its own on one data folder.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from typing import Any

from benchmarks import support

OBJECTS_A_SHARD = 5000
LOOK, SHAPES = 256, 448  # numbers that are kept of an object
STACK = 4  # items a stack
BATCH = 100
MADE = [
    support.MADE_UP[0],
    """INSERT INTO review_object (dataset_id, image_id, shard_id, small_offset, small_length, large_offset,
         large_length)
       SELECT %(d)s, i.id, s.id, 0, 1, 0, 1 FROM
         (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %(b)s AS n FROM review_image WHERE dataset_id = %(d)s) i
         JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM review_shard WHERE dataset_id = %(d)s) s
         ON i.n = s.n ORDER BY i.id""",
    """INSERT INTO review_item (dataset_id, object_id, key, label_id, removed, attributes, "group", row, suggestions)
       SELECT %(d)s, o.id, 'k' || o.id, l.first + (%(l)s * sqrt(o.n::float8 / %(n)s))::int %% %(l)s, FALSE,
         jsonb_build_object('camera', 'cam-' || o.n %% 20), 'track-' || o.n / 5, o.n + 1, '[]'
       FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM review_object WHERE dataset_id = %(d)s) o,
            (SELECT min(id) AS first FROM review_label WHERE dataset_id = %(d)s) l""",
]
PLANS: dict[str, dict[str, Any]] = {
    "plan: evidence, honeypots, stacks": {"stacks": True, "honeypots": 2},
    "plan: by predicted label": {"slice": {"by": "label_predicted"}},
    "plan: one person alone, blend": {"policy": "solo"},
}


def measure(n: int, labels: int) -> None:
    support.set_up()
    from benchmarks.scale import Clock
    from ranking import record
    from review.models import Dataset, Job
    from review.operations import jobs, plan

    ranking = filled(n, labels)
    print(f"\n{n:,} items of {labels} labels; vectors {n * (LOOK + SHAPES) * 4 / 2**30:.2f} GB")
    print(f"  {'step':42} {'seconds':>8} {'CPU s':>8} {'peak GB':>8}", flush=True)
    clock = Clock()
    job = Job.objects.create(project=ranking.dataset.project, kind=Job.Kind.RANK, dataset=ranking.dataset)

    def work(run: jobs.Run) -> dict[str, Any]:
        clock.say("ranking: read items and vectors")
        items = record.read_items(ranking.dataset, ranking)
        clock.say("(made up: what was concluded)")
        concluded = drawn(items)
        clock.say("ranking: write it down")
        record.write(run, ranking, items, concluded)
        return {}

    jobs.run(job.pk, work)
    dataset = Dataset.objects.get(pk=ranking.dataset_id)
    for name, settings in PLANS.items():
        clock.say(name)
        campaign, job = plan.start(dataset=dataset, by=None, name=name, settings={"batch_size": BATCH, **settings})
        jobs.run(job.pk, plan.run)
        job.refresh_from_db()
        assert job.state == Job.State.DONE, job.message
        assert campaign.verdicts.count() == n
    clock.end()


def filled(n: int, labels: int) -> Any:
    """A ranking of made-up items whose vectors are in storage."""
    import numpy as np
    from django.db import connection

    from ranking import store as vectors
    from review.models import Dataset, EmbeddingShard, Label, Object, Ranking, Shard, User
    from review.operations import projects
    from review.storage import store

    lead, _ = User.objects.get_or_create(username="bench-lead")
    project = projects.create(name="Bench", by=lead)
    dataset = Dataset.objects.create(project=project, name=f"{n:,}", format="manifest", state="ready")
    empty = store().put(b"-")
    count = -(-n // OBJECTS_A_SHARD)
    shards = Shard.objects.bulk_create(Shard(dataset=dataset, kind="crops", key=empty, bytes=1) for _ in range(count))
    Label.objects.bulk_create(
        Label(dataset=dataset, name=f"label-{k:04d}", readable_name=f"Label {k}") for k in range(labels)
    )
    names = {"d": dataset.pk, "s": shards[0].pk, "n": n, "l": labels, "size": 1, "b": OBJECTS_A_SHARD}
    with connection.cursor() as cursor:
        for statement in MADE:
            cursor.execute(statement, names)
        cursor.execute("ANALYZE")
    ranking = Ranking.objects.create(dataset=dataset, encoder="none", version="1")
    rng = np.random.default_rng(0)
    kinds = [("object", "<i8"), ("look", "<f4", (LOOK,)), ("shapes", "<f4", (SHAPES,))]
    for shard in shards:
        ids = list(Object.objects.filter(shard=shard).order_by("pk").values_list("pk", flat=True))
        table = np.empty(len(ids), kinds)
        table["object"] = ids
        table["look"], table["shapes"] = (rng.random((len(ids), width), np.float32) for width in (LOOK, SHAPES))
        EmbeddingShard.objects.create(ranking=ranking, shard=shard, key=store().put(vectors.to_npy(table)))
    return ranking


def drawn(items: Any) -> Any:
    """An outcome of the shape that a ranking's has, by chance: 3 % are suspected."""
    import numpy as np

    from ranking import neighbours, outcome, suspicion

    n, rng = len(items.ids), np.random.default_rng(0)
    names = np.unique(items.labels)
    near = rng.integers(0, n, (n, neighbours.NEAREST), np.int32)
    doubt = np.where(rng.random(n) < 0.03, rng.random(n), 0.01 * rng.random(n))
    suggested = names[rng.integers(0, len(names), (n, suspicion.SUGGESTED))]
    shares = doubt[:, None] * np.array([0.5, 0.2, 0.1, 0.05, 0.02])
    predicted = np.where(doubt > 0.5, suggested[:, 0], items.labels)
    judged = suspicion.Judgement(doubt, predicted, suggested, shares, names, np.zeros((len(names),) * 2))
    orders = {int(items.labels[rows[0]]): rows for rows in neighbours.groups(items.labels)}
    stacks = {label: np.arange(len(rows)) // STACK for label, rows in orders.items()}
    typical = {label: rows[: outcome.EXEMPLARS] for label, rows in orders.items()}
    alike = {label: names[:3].tolist() for label in orders}
    return outcome.Outcome(near, near, orders, stacks, orders, judged, typical, alike, set())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, nargs="+", default=[20_000, 50_000])
    parser.add_argument("--labels", type=int, default=400)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        measure(arguments.items[0], arguments.labels)
        return
    print(f"Database and planning at scale; {support.machine()}", flush=True)
    os.environ.setdefault("MLFIX_VAR", tempfile.mkdtemp(prefix="mlfix-bench-"))
    for n in arguments.items:
        options = ["--here", "--items", str(n), "--labels", str(arguments.labels)]
        subprocess.run([sys.executable, "-m", "benchmarks.scale_site", *options], check=True)


if __name__ == "__main__":
    main()
