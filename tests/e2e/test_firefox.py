"""The main flows in Firefox, driven over WebDriver BiDi by frontend/firefox/flows.mjs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from review.models import Look
from tests import make

# Who signs in waits until the site is quiet, before the tables are emptied.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sign_in")]
ROOT = Path(__file__).parents[2]
FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
if FIREFOX is None:
    pytest.skip("There is no Firefox on this machine.", allow_module_level=True)


def flows(site, name, user, campaign):
    node = subprocess.run([ROOT / "scripts/node-folder"], capture_output=True, text=True, check=True).stdout.strip()
    done = subprocess.run(
        [shutil.which("node", path=f"{node}:{os.environ['PATH']}") or "node", "firefox/flows.mjs", name],
        cwd=ROOT / "frontend", capture_output=True, text=True, timeout=180,
        env={**os.environ, "SITE": site.url, "USER": user.username, "PASSWORD": make.PASSWORD,
             "CAMPAIGN": str(campaign.pk), "DATASET": str(campaign.dataset_id), "FIREFOX": str(FIREFOX)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "works" in done.stdout


def test_a_reviewer_works_in_firefox(campaign, ann, site):
    flows(site, "review", ann.user, campaign)
    flagged = Look.objects.filter(campaign=campaign, reviewer=ann.user_id).exclude(reason="")
    assert flagged.count() == 5 and flagged.get(suggested__isnull=False).suggested.name == "cross"


def test_whoever_is_new_practises_in_firefox(campaign, ann, site):
    flows(site, "practice", ann.user, campaign)


def test_a_lead_settles_and_watches_in_firefox(disputed, lead, site):
    flows(site, "lead", lead, disputed)
