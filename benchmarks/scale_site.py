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

from benchmarks import rows, support

LOOK, SHAPES = 256, 448  # numbers that are kept of an object
STACK = 4  # items a stack
BATCH = 100
PLANS: dict[str, dict[str, Any]] = {
    "plan: evidence, honeypots, stacks": {"stacks": True, "honeypots": 2},
    "plan: by predicted label": {"slice": {"by": "label_predicted"}},
    "plan: one person alone, blend": {"policy": "solo"},
}


def measure(n: int, labels: int) -> None:
    ranking = filled(n, labels)
    from benchmarks.scale import Clock
    from ranking import record
    from review.models import Dataset, Job
    from review.operations import jobs, plan

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

    from ranking import store as vectors
    from review.models import EmbeddingShard, Object, Ranking
    from review.storage import store

    dataset = rows.dataset_of(n, labels)
    ranking = Ranking.objects.create(dataset=dataset, encoder="none", version="1")
    rng = np.random.default_rng(0)
    kinds = [("object", "<i8"), ("look", "<f4", (LOOK,)), ("shapes", "<f4", (SHAPES,))]
    for shard in dataset.shards.all():
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
