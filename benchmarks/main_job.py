"""The main job on a real dataset whose truth is known: import, rank, three fixed looks by a simulated crowd over HTTP,
then a supervisor who settles what is disputed. Prints a row a seed, and the means.

    python benchmarks/main_job.py MANIFEST IMAGES TRUTH [--seeds 5] [--reviewers 8]

Everything runs in a data folder of its own (MLFIX_VAR, or a new temporary one), with the production engines.
"""

import argparse
import csv
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SENSITIVITY, SPECIFICITY, LABEL_ACCURACY, SUPERVISOR = 0.85, 0.99, 0.9, 0.97
COLUMNS = ("recall", "right_label", "precision", "f1", "looks_per_item", "residual_rate")


def manage(*words: str) -> dict[str, Any]:
    """Run one command; its last line as JSON."""
    done = subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, text=True, stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def implied_recall() -> tuple[float, float]:
    """(low, high): the share of wrong labels that a majority of three flags, where a tie of suggested labels is left to
    a supervisor, and where something else always breaks it. A wrong suggestion is any of three labels."""
    s, wrong = SENSITIVITY, (1 - LABEL_ACCURACY) / 3
    chances = [LABEL_ACCURACY, wrong, wrong, wrong]
    agree_of_two = sum(p * p for p in chances)
    agree_of_three = 1 - sum(chances[a] * chances[b] * chances[c] for a, b, c in itertools.permutations(range(4), 3))
    three, two = s**3, 3 * s * s * (1 - s)
    return three * agree_of_three + two * agree_of_two, three + two


def crowd(reviewers: int, seed: int) -> tuple[str, ...]:
    """So many simulated people, as options of simulate_crowd."""
    return ("--reviewers", str(reviewers), "--sensitivity", str(SENSITIVITY), "--specificity", str(SPECIFICITY),
            "--label-accuracy", str(LABEL_ACCURACY), "--seed", str(seed))  # fmt: skip


def run_seed(arguments: argparse.Namespace, seed: int) -> tuple[dict[str, Any], dict[str, Any], int]:
    """(score without a supervisor, score with one, items resolved by hand)."""
    made = manage("import_dataset", f"seed {seed}", arguments.manifest, "--images", arguments.images)
    plan = ("--policy", "fixed", "--looks-min", "3", "--looks-max", "3")
    campaign = str(manage("open_campaign", str(made["dataset"]), "--name", f"seed {seed}", *plan)["campaign"])
    people = crowd(arguments.reviewers, seed)
    manage("simulate_crowd", campaign, "--truth", arguments.truth, *people)
    alone = manage("score_fixes", campaign, "--truth", arguments.truth)
    settle = ("--supervisor", "--supervisor-accuracy", str(SUPERVISOR))
    by_hand = manage("simulate_crowd", campaign, "--truth", arguments.truth, *people, *settle)["resolutions"]
    helped = manage("score_fixes", campaign, "--truth", arguments.truth)
    manage("check_invariants")
    compare_export(str(made["dataset"]), Path(arguments.manifest))
    return alone, helped, by_hand


def compare_export(dataset: str, manifest: Path) -> None:
    """The exported manifest differs from the imported one in the fixes and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        full, patch = Path(folder) / "full.csv", Path(folder) / "patch.csv"
        manage("export_dataset", dataset, "--kind", "full", "--output", str(full))
        manage("export_dataset", dataset, "--kind", "patch", "--output", str(patch))
        with patch.open(newline="") as file:
            fixes = {int(row["row"]): row for row in csv.DictReader(file)}
        before, after = manifest.read_bytes().splitlines(True), full.read_bytes().splitlines(True)
        removed = {row for row, fix in fixes.items() if fix["change"] == "remove"}
        kept = [(row, line) for row, line in enumerate(before) if row not in removed]
        assert len(kept) == len(after), "the export lost or gained rows"
        changed = {row for (row, line), new in zip(kept, after, strict=True) if line != new}
        assert changed == set(fixes) - removed, "the export differs in more or less than its fixes"


def settle_in(arguments: argparse.Namespace) -> None:
    """Name the files wholly, since commands run elsewhere, and make the database."""
    for name in ("manifest", "images", "truth"):
        setattr(arguments, name, str(Path(getattr(arguments, name)).resolve()))
    os.environ.setdefault("MLFIX_VAR", tempfile.mkdtemp(prefix="mlfix-bench-"))
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest")
    parser.add_argument("images")
    parser.add_argument("truth")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--reviewers", type=int, default=8)
    arguments = parser.parse_args()
    settle_in(arguments)
    low, high = implied_recall()
    print(f"Recall that sensitivity {SENSITIVITY} and a majority of three imply: {high:.3f} ({low:.3f} where every tie")
    print("between two suggested labels is left to a supervisor)\n")
    print(f"{'seed':>4} {'':14} " + " ".join(f"{name:>14}" for name in COLUMNS) + f" {'by hand':>9}")
    rows: dict[str, list[dict[str, Any]]] = {"crowd alone": [], "and supervisor": []}
    hands = []
    for seed in range(1, arguments.seeds + 1):
        alone, helped, by_hand = run_seed(arguments, seed)
        hands.append(by_hand / alone["items"])
        for (name, scores), score in zip(rows.items(), (alone, helped), strict=True):
            score["right_label"] = score["right_label"] / max(score["found"], 1)
            scores.append(score)
            shown = f"{hands[-1]:9.3%}" if name != "crowd alone" else f"{'':>9}"
            print(f"{seed:>4} {name:14} " + " ".join(f"{score[c]:14.4f}" for c in COLUMNS) + f" {shown}", flush=True)
    for name, scores in rows.items():
        means = " ".join(f"{statistics.mean(s[c] for s in scores):14.4f}" for c in COLUMNS)
        print(f"mean {name:14} {means}" + (f" {statistics.mean(hands):9.3%}" if name != "crowd alone" else ""))


if __name__ == "__main__":
    main()
