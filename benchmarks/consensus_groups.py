"""What a campaign by evidence comes to where items belong together and are wrong together: real images whose truth is
known, a simulated crowd over HTTP. For each seed and `looks_min`: F1, looks an item, how wrong the labels still are
and what the board says of it, by the posteriors with a 95 % interval; *holds*: how often that interval holds the truth.

    python -m benchmarks.consensus_groups MANIFEST IMAGES TRUTH --group-by COLUMN [--seeds 3] [--reviewers 8]

Everything runs in a data folder of its own (MLFIX_VAR, or a new temporary one), with the production engines.
"""

import argparse
import statistics
from typing import Any

from benchmarks.main_job import crowd, manage, settle_in

LOOKS_MIN = (1, 0)
COLUMNS = ("f1", "recall", "looks_per_item", "left", "said", "low", "high")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("manifest", "images", "truth"):
        parser.add_argument(name)
    parser.add_argument("--group-by", default="")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--reviewers", type=int, default=8)
    arguments = parser.parse_args()
    settle_in(arguments)
    print(f"{'looks_min':>9} {'seed':>4} " + " ".join(f"{name:>14}" for name in COLUMNS) + "  holds")
    for least in LOOKS_MIN:
        rows = [campaign(arguments, seed, least) for seed in range(1, arguments.seeds + 1)]
        means = " ".join(f"{statistics.mean(row[name] for row in rows):14.4f}" for name in COLUMNS)
        print(f"{least:>9} mean {means}  {sum(row['holds'] for row in rows)} of {len(rows)}", flush=True)


def campaign(arguments: argparse.Namespace, seed: int, least: int) -> dict[str, Any]:
    """Of a dataset of its own, since fixes go into it."""
    group = ("--group-by", arguments.group_by) if arguments.group_by else ()
    made = manage("import_dataset", f"{least} {seed}", arguments.manifest, "--images", arguments.images, *group)
    opened = manage("open_campaign", str(made["dataset"]), "--name", f"{least} {seed}", "--looks-min", str(least))
    manage("simulate_crowd", str(opened["campaign"]), "--truth", arguments.truth, *crowd(arguments.reviewers, seed))
    score = manage("score_fixes", str(opened["campaign"]), "--truth", arguments.truth)
    left = (score["planted"] - score["found"] + score["false_alarms"]) / score["items"]
    low, high = score["residual_interval"]
    row = {
        **score,
        "left": left,
        "said": score["residual_rate"],
        "low": low,
        "high": high,
        "holds": low <= left <= high,
    }
    print(
        f"{least:>9} {seed:>4} "
        + " ".join(f"{row[c]:14.4f}" for c in COLUMNS)
        + f"  {'yes' if row['holds'] else 'no'}",
        flush=True,
    )
    return row


if __name__ == "__main__":
    main()
