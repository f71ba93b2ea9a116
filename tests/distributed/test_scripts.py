"""The script in the documentation does what it says, on a running site."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mlfix_site import processes
from review.models import Project
from tests import live, make
from tests.review.test_formats_coco import as_coco

pytestmark = pytest.mark.django_db(transaction=True)
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "SCRIPTS.md"


def test_the_script_brings_a_dataset_in_lists_what_is_suspected_and_fetches_a_patch(lead, tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    images, table, _ = make.source(each=24, wrong={5: "square"})
    (tmp_path / "images.zip").write_bytes(images)
    (tmp_path / "labels.json").write_bytes(as_coco(table))
    with live.web(processes.general_worker(), processes.ranking_worker()) as url:
        who = {"MLFIX_SITE": url, "MLFIX_USER": lead.username, "MLFIX_PASSWORD": make.PASSWORD}
        run = subprocess.run(
            [sys.executable, "-c", code, "images.zip", "labels.json"],
            cwd=tmp_path, env={**os.environ, **who}, capture_output=True, text=True, timeout=240,
        )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "'items': 96" in run.stdout and "505 square -> disc" in run.stdout and "96 items" in run.stdout
    assert json.loads((tmp_path / "patch.json").read_text())["annotations"] == []
    campaign = Project.objects.get(name="Shapes").datasets.get().campaigns.get()
    assert (campaign.policy, campaign.looks_max, campaign.state) == ("fixed", 2, "open")
