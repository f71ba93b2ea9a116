"""Orders side by side: how short their paths are, what they cost, how early errors come; what stacks save and hide.

    python -m benchmarks.orders MANIFEST IMAGES TRUTH [--group-by ATTRIBUTE] [--plot docs/errors-by-order.svg]

TRUTH has the columns image (or key) and planted. Everything is imported, ranked and planned as on any site, in a data
folder of its own (MLFIX_VAR, or a new temporary one). The long run is very many kicks from MLfix's path; the bound is
the minimum spanning tree, below which no path can be.
"""

import argparse
import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import support

PLANNED = ("random", "similarity", "outliers", "blend", "suspicion")  # as one person alone gets them
SHARES = (0.5, 0.9, 1.0)
LONG_KICKS = 50  # an item
MADE_UP = 50_000
COLOURS = ("#8a8f98", "#c0842b", "#2f7de1", "#7a5ccf", "#1d9a6c", "#d1495b")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("manifest", "images", "truth"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--group-by", default="")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--made-up", type=int, default=MADE_UP, help="items of the large path; 0 for none")
    arguments = parser.parse_args()
    support.set_up()
    dataset = ranked(arguments)
    print(f"Orders: {arguments.manifest.name}, {dataset.ranking.encoder}; {support.machine()}\n")
    looks = labelled_vectors(dataset)
    orders, seconds = computed(looks)
    paths_table(looks, orders, seconds)
    wrong = planted(dataset, arguments.truth)
    mlfix = [item for name, ids, _ in looks for item in ids[orders["MLfix"][name]].tolist()]
    curves = {"MLfix": found_by(mlfix, wrong)}
    curves |= {order: found_by(planned(dataset, order), wrong) for order in PLANNED}
    errors_table(curves, len(wrong))
    stacks_table(dataset, wrong)
    if arguments.made_up:
        large(arguments.made_up)
    if arguments.plot:
        arguments.plot.write_text(svg(curves), encoding="utf-8")


def ranked(arguments: argparse.Namespace) -> Any:
    """The dataset, brought in and ranked anew."""
    from django.core.management import call_command

    from ranking import tasks
    from review.models import Dataset, Job

    group = ("--group-by", arguments.group_by) if arguments.group_by else ()
    call_command(
        "import_dataset", f"orders {time.time()}", str(arguments.manifest), "--images", str(arguments.images), *group
    )
    dataset = Dataset.objects.order_by("-pk")[0]
    tasks.run_job(dataset.jobs.get(kind=Job.Kind.RANK).pk)
    dataset.refresh_from_db()
    return dataset


def labelled_vectors(dataset: Any) -> list[Any]:
    """[(label's name, item ids, vectors)]."""
    from ranking import record
    from ranking.neighbours import groups

    items = record.read_items(dataset, dataset.ranking)
    names = dict(dataset.labels.values_list("pk", "name"))
    parts = groups(items.labels)
    found = [(names[int(items.labels[rows[0]])], items.ids[rows], items.look[rows]) for rows in parts]
    return sorted(found, key=lambda part: part[0])


def computed(looks: list[Any]) -> tuple[dict[str, dict[str, Any]], dict[str, list[float]]]:
    """Each order's permutation by label, and its seconds label by label."""
    import numpy as np

    from ranking import orders

    ways: dict[str, Callable[[Any], Any]] = {
        "random": lambda v: np.random.default_rng(1).permutation(len(v)),
        "MLfix": greedy,
        "similarity": orders.similarity,
        "long run": long_run,
    }
    made: dict[str, dict[str, Any]] = {way: {} for way in ways}
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for way, order in ways.items():
        for name, _, vectors in looks:
            began = time.perf_counter()
            made[way][name] = order(vectors)
            seconds[way].append(time.perf_counter() - began)
    return made, seconds


def greedy(vectors: Any) -> Any:
    """MLfix's way: always on to the nearest that was not met yet."""
    import numpy as np

    from ranking.paths import table

    away, order = table(vectors), [0]
    met = np.zeros(len(vectors), np.float32)
    while len(order) < len(vectors):
        met[order[-1]] = np.inf
        order.append(int((away[order[-1]] + met).argmin()))
    return np.array(order)


def long_run(vectors: Any) -> Any:
    from ranking import kicks
    from ranking.kinds import nothing
    from ranking.neighbours import nearest
    from ranking.paths import table

    near, _ = nearest(vectors, min(12, len(vectors) - 1))
    count = max(8_000, LONG_KICKS * len(vectors))
    return kicks.improve(table(vectors), near, greedy(vectors), count, 7, nothing)


def paths_table(looks: list[Any], orders: dict[str, dict[str, Any]], seconds: dict[str, list[float]]) -> None:
    from ranking.paths import length

    sizes = [len(ids) for _, ids, _ in looks]
    print(f"Paths of {len(looks)} classes of {min(sizes)} to {max(sizes)} items, {sum(sizes):,} in all")
    print(f"{'order':12} {'/ bound':>9} {'/ long run':>11} {'worst class':>12} {'seconds':>9} {'slowest class':>14}")
    bound = sum(spanning_tree(vectors) for _, _, vectors in looks)
    lengths = {way: [length(v, made[name]) for name, _, v in looks] for way, made in orders.items()}
    best = [min(pair) for pair in zip(lengths["long run"], lengths["similarity"], strict=True)]
    for way, own in lengths.items():
        worst = max(a / b for a, b in zip(own, best, strict=True))
        print(f"{way:12} {sum(own) / bound:9.4f} {sum(own) / sum(best):11.4f} {worst:12.4f} "
              f"{sum(seconds[way]):9.2f} {max(seconds[way]):14.2f}")  # fmt: skip
    print()


def spanning_tree(vectors: Any) -> float:
    from scipy.sparse.csgraph import minimum_spanning_tree

    from ranking.paths import table

    return float(minimum_spanning_tree(table(vectors) + 1e-9).sum())


def planted(dataset: Any, truth: Path) -> set[int]:
    with truth.open(newline="") as file:
        wrong = {row.get("key") or row["image"] for row in csv.DictReader(file) if row["planted"] == "1"}
    return set(dataset.items.filter(key__in=wrong).values_list("pk", flat=True))


def planned(dataset: Any, order: str) -> list[int]:
    """The items in the order in which one person alone is shown them."""
    from review import tasks
    from review.models import Job
    from review.operations import jobs, plan

    campaign, job = plan.start(dataset=dataset, by=None, name=order, settings={"policy": "solo", "order": order})
    jobs.run(job.pk, tasks.WORK[Job.Kind.PLAN])
    return list(campaign.verdicts.order_by("place").values_list("item_id", flat=True))


def found_by(items: list[int], wrong: set[int]) -> list[float]:
    """For each error, the share of items looked at when it comes up."""
    return [k / len(items) for k, item in enumerate(items, 1) if item in wrong]


def errors_table(curves: dict[str, list[float]], errors: int) -> None:
    print(f"Share of items looked at until so many of {errors} errors have come up")
    print(f"{'order':12} " + " ".join(f"{share:>7.0%}" for share in SHARES))
    for order, curve in curves.items():
        print(f"{order:12} " + " ".join(f"{curve[max(0, round(share * errors) - 1)]:7.1%}" for share in SHARES))
    print()


def stacks_table(dataset: Any, wrong: set[int]) -> None:
    """Tiles that are needed, and errors that lie under a clean cover."""
    from collections import defaultdict

    from review.models import LabelOrder

    suspicion = dict(dataset.items.values_list("pk", "suspicion"))
    stacks: dict[tuple[int, int], list[int]] = defaultdict(list)
    for order in LabelOrder.objects.filter(ranking=dataset.ranking):
        for item, number in zip(order.items, order.stacks, strict=True):
            stacks[order.label_id, number].append(item)
    covers = {key: max(members, key=lambda item: suspicion[item] or 0) for key, members in stacks.items()}
    missed = sum(item in wrong for key, m in stacks.items() if covers[key] not in wrong for item in m)
    taken = sum(item not in wrong for key, m in stacks.items() if covers[key] in wrong for item in m)
    items = sum(map(len, stacks.values()))
    print(f"Stacks: {len(stacks):,} tiles instead of {items:,} ({len(stacks) / items:.0%}); the largest holds "
          f"{max(map(len, stacks.values()))}\n  errors under a clean cover: {missed} of {len(wrong)}; clean items "
          f"under a wrong cover, to be told apart by opening it: {taken}\n")  # fmt: skip


def large(n: int) -> None:
    """One class of many made-up items: 200 heaps in 24 directions of falling spread, and noise in 256."""
    import numpy as np

    from ranking import paths
    from ranking.kinds import nothing
    from ranking.neighbours import nearest

    rng = np.random.default_rng(1)
    heaps = 2 * rng.standard_normal((200, 24))[rng.integers(0, 200, n)]
    inner = heaps + rng.standard_normal((n, 24)) * np.linspace(1, 0.2, 24)
    vectors = (inner @ rng.standard_normal((24, 256)) / 16 + 0.05 * rng.standard_normal((n, 256))).astype(np.float32)
    began = time.perf_counter()
    order = paths.shortest(vectors)
    seconds = time.perf_counter() - began
    longer = order.copy()
    paths.WINDOW_KICKS = 2_000
    for first in (0, paths.WINDOW // 2):
        for start in range(first, n, paths.WINDOW):
            part = slice(start, start + paths.WINDOW)
            longer[part] = paths.window(vectors, longer[part], 3, nothing)
    near, squares = nearest(vectors, 1)
    least = float(np.sqrt(squares).sum())
    ours, long = paths.length(vectors, order), paths.length(vectors, longer)
    print(f"One class of {n:,} made-up items: {seconds:.1f} s, {ours / long:.4f} of a long run from it, "
          f"{ours / least:.4f} of all ways to the nearest item (below the spanning tree)")  # fmt: skip


def svg(curves: dict[str, list[float]]) -> str:
    """Errors found against the share of items looked at, a line an order."""
    wide, tall, left, low = 640, 380, 56, 44
    x = lambda share: left + share * (wide - left - 16)  # noqa: E731
    y = lambda share: tall - low - share * (tall - low - 16)  # noqa: E731
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {tall}" font-family="sans-serif" font-size="12">',
        f'<rect width="{wide}" height="{tall}" fill="#fff"/>',
    ]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts += [
            f'<path d="M{x(0):.0f} {y(tick):.0f}H{x(1):.0f}M{x(tick):.0f} {y(0):.0f}V{y(1):.0f}" stroke="#e3e5e8"/>',
            f'<text x="{x(tick):.0f}" y="{y(0) + 18:.0f}" text-anchor="middle">{tick:.0%}</text>',
            f'<text x="{x(0) - 8:.0f}" y="{y(tick) + 4:.0f}" text-anchor="end">{tick:.0%}</text>',
        ]
    for k, (order, curve) in enumerate(curves.items()):
        line = " ".join(f"{x(at):.1f},{y((n + 1) / len(curve)):.1f}" for n, at in enumerate(curve))
        colour = COLOURS[k % len(COLOURS)]
        parts += [
            f'<polyline points="{x(0):.1f},{y(0):.1f} {line}" fill="none" stroke="{colour}" stroke-width="2"/>',
            f'<text x="{x(1) - 8:.0f}" y="{y(0) - 14 - 18 * k:.0f}" text-anchor="end" fill="{colour}">{order}</text>',
        ]
    parts.append(f'<text x="{x(0.5):.0f}" y="{tall - 6}" text-anchor="middle">items looked at</text>')
    parts.append(f'<text transform="translate(14 {y(0.5):.0f}) rotate(-90)" text-anchor="middle">errors found</text>')
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    main()
