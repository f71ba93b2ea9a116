"""Draw the site that a release keeps for the next ones to be upgraded from: a campaign half reviewed, an open lease.

    .venv/bin/python -m tests.upgrade.draw tests/upgrade/v0.1.0.tar

It runs on a data folder of its own, through the same commands that people run.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ranking import demo_signs

ROOT = Path(__file__).resolve().parents[2]
# One lead whose password the test knows, hand-ins up to half of what is wanted, one fix by hand, an assignment in hand.
HALF = """
from review.models import Campaign, User
from review.operations import claim, projects, resolve, submit
campaign = Campaign.objects.get()
project = campaign.dataset.project
lead = User.objects.get(username="lead")
lead.set_password("correct-horse-battery")
lead.save()
for name in ("ann", "ben"):
    user = User.objects.create_user(name, password="correct-horse-battery")
    member = projects.set_member(project=project, user=user, role="reviewer", by=lead)
    lent = claim.claim(campaign=campaign, member=member)
    flags = [{"position": 0, "reason": "not_an_object", "label": None, "comment": "blurred"}]
    submit.submit(assignment=lent, revision=0, flags=flags, seen=list(range(lent.tiles.count())))
    claim.claim(campaign=campaign, member=member)
verdict = campaign.verdicts.filter(state="open").order_by("pk").first()
resolve.resolve(verdict=verdict, by=lead, action="remove", note="")
"""


def draw(target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="mlfix-upgrade-") as folder:
        demo_signs.draw(Path(folder, "signs"), seed=1, count=30, wrong=0.1)
        environment = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
        environment["MLFIX_VAR"] = str(Path(folder, "var"))

        def run(*arguments: str) -> None:
            subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True)

        run("import_dataset", "Signs", str(Path(folder, "signs", "manifest.csv")), "--name", "Drawn")
        run("open_campaign", "Drawn", "--batch-size", "10", "--looks-min", "2", "--lease-minutes", "1440")
        run("shell", "-v", "0", "-c", HALF)
        run("export_dataset", "Drawn", "--output", str(Path(folder, "export.csv")))
        run("check_invariants")
        run("backup", str(target.resolve()))


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
