"""How many decisions a supervisor needs for what a crowd could not settle, on a real dataset whose truth is known.

    python -m benchmarks.desk MANIFEST IMAGES TRUTH [--seeds 3] [--reviewers 8] [--group-by COLUMN]

Two careless looks at each item leave some hundred disputes. The supervisor knows the truth and settles them question
by question, as the desk asks them: of one question, those of which the same is true with one decision. Everything runs
in a data folder of its own (MLFIX_VAR, or a new temporary one), with the production engines.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import support
from benchmarks.main_job import ROOT, manage

CARELESS = ("--sensitivity", "0.8", "--specificity", "0.96", "--label-accuracy", "0.85")


def disputed(arguments: argparse.Namespace, seed: int) -> tuple[str, tuple[str, ...]]:
    """(a campaign whose crowd is done, how its people are)."""
    group = ("--group-by", arguments.group_by) if arguments.group_by else ()
    made = manage("import_dataset", f"seed {seed}", arguments.manifest, "--images", arguments.images, *group)
    plan = ("--policy", "fixed", "--looks-min", "2", "--looks-max", "2")
    campaign = str(manage("open_campaign", str(made["dataset"]), "--name", f"seed {seed}", *plan)["campaign"])
    people = ("--truth", arguments.truth, "--reviewers", str(arguments.reviewers), "--seed", str(seed), *CARELESS)
    manage("simulate_crowd", campaign, *people)
    return campaign, people


def desk(campaign: str) -> dict[str, Any]:
    support.set_up()
    from review.models import Campaign, User
    from review.queries.clusters import desk_json

    nobody = User.objects.get_or_create(username="onlooker")[0]
    return desk_json(Campaign.objects.select_related("dataset", "fit").get(pk=campaign), nobody)


def decided(campaign: str) -> int:
    """How many decisions were taken: one event each, of however many cases."""
    from review.models import AuditEvent

    return AuditEvent.objects.filter(campaign=campaign, verb="resolved").count()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest")
    parser.add_argument("images")
    parser.add_argument("truth")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--reviewers", type=int, default=8)
    parser.add_argument("--group-by", default="")
    arguments = parser.parse_args()
    for name in ("manifest", "images", "truth"):
        setattr(arguments, name, str(Path(getattr(arguments, name)).resolve()))
    os.environ.setdefault("MLFIX_VAR", tempfile.mkdtemp(prefix="mlfix-bench-"))
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True)
    print(f"Decisions at the desk; {support.machine()}\n")
    print("seed  disputes  questions  for 90 % of the risk  decisions that settle all  errors left to consensus alone")
    for seed in range(1, arguments.seeds + 1):
        campaign, people = disputed(arguments, seed)
        left = desk(campaign)
        manage("simulate_crowd", campaign, *people, "--supervisor")
        decisions = decided(campaign)
        print(f"{seed:4}  {left['cases']:8}  {len(left['clusters']):9}  {left['remaining']['decisions']:20}  "
              f"{decisions:25}  {left['acceptable']['errors']:30.1f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
