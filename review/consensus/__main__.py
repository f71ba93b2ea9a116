"""Labels out of votes, without a site:

    python -m review.consensus VOTES.csv[.gz] [--truth TRUTH.csv[.gz]] [--output OUT.csv[.gz]]

VOTES has the columns task, worker, label; TRUTH has task, label, for some tasks or all; OUT gets task, label and how
probable it is. The last line of what is printed is JSON: tasks, votes, accuracy (null without a truth to compare with),
and seconds, of the fit alone.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from .aggregate import aggregate
from .vote_files import VoteFileError, read_truth, read_votes, write_labels


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m review.consensus", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("votes", type=Path, metavar="VOTES")
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    try:
        print(json.dumps(run(arguments.votes, arguments.truth, arguments.output)))
    except VoteFileError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def run(votes: Path, truth: Path | None, output: Path | None) -> dict[str, int | float | None]:
    answers, tasks, labels = read_votes(votes)
    known = read_truth(truth) if truth else {}
    tell(
        f"{len(answers.task):,} votes of {answers.workers:,} workers on {answers.tasks:,} tasks, {len(labels):,} labels"
    )
    began = time.perf_counter()
    found = aggregate(answers)
    seconds = time.perf_counter() - began
    tell(f"Fitted in {found.rounds} rounds")
    named = [labels[k] for k in found.label]
    if output:
        write_labels(output, tasks, named, found.probability.tolist())
    accuracy = score(dict(zip(tasks, named, strict=True)), known, labels) if truth else None
    return {"tasks": answers.tasks, "votes": len(answers.task), "accuracy": accuracy, "seconds": round(seconds, 4)}


def score(found: dict[str, str], known: dict[str, str], labels: list[str]) -> float | None:
    """The share of tasks with a known label that got it. Capitals do not matter where nobody voted for a label as the
    truth writes it."""
    common = [task for task in known if task in found]
    if len(common) < len(known):
        tell(f"{len(known) - len(common):,} of {len(known):,} tasks of the truth have no votes and are not scored")
    plain = {name.casefold(): name for name in reversed(labels)}
    said = set(labels)
    right = [found[task] == (t if t in said else plain.get(t.casefold(), t)) for task in common for t in [known[task]]]
    return sum(right) / len(right) if right else None


def tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
