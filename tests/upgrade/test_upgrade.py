"""What each release kept of itself comes through the migrations, and the work goes on. Only the newest is drawn anew;
CONTRIBUTING.md says when."""

import tomllib
from pathlib import Path

import pytest

from mlfix_site import embedded, processes
from tests import live
from tests.site.conftest import ROOT, Site, temporary

HERE = Path(__file__).resolve().parent
RELEASES = sorted(HERE.glob("v*.tar"), key=lambda path: [int(part) for part in path.stem[1:].split(".")])


def newest_release() -> Path:
    return RELEASES[-1]


def test_the_last_release_kept_a_dump() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert newest_release().stem == f"v{version}", "Draw it: .venv/bin/python -m tests.upgrade.draw"


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
def test_a_database_of_a_release_is_brought_up_to_date_and_its_work_goes_on(
    release: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with temporary(tmp_path_factory.mktemp(release.stem)) as site, site.engines():
        made = site.made("restore", str(release))
        assert f"v{made['version']}" == release.stem
        assert site.run("migrate", "--check").returncode == 0
        assert site.made("check_invariants") == {"breaches": 0}
        goes_on(site)
        assert site.made("check_invariants") == {"breaches": 0}


def goes_on(site: Site) -> None:
    """The lead finds what was fixed, and a reviewer hands in what was in hand and claims more."""
    web = processes.web(port := embedded.free_port())
    with site.processes(web):
        url = f"http://127.0.0.1:{port}"
        lead, ann = live.signed_in(url, "lead"), live.signed_in(url, "ann")
        (project,) = lead.get("/api/projects/").json()["results"]
        (campaign,) = lead.get(f"/api/projects/{project['id']}/").json()["campaigns"]
        progress = lead.get(f"/api/campaigns/{campaign['id']}/progress/").json()
        assert progress["items"] == 30 and progress["looks"]["counted"] > 0
        (fix,) = lead.get(f"/api/campaigns/{campaign['id']}/fixes/").json()["results"]
        assert fix["kind"] == "remove"
        (lent,) = ann.get("/api/assignments/?mine").json()["results"]
        claim = {"headers": {"Idempotency-Key": "after the upgrade"}}
        for number in (lent["id"], ann.post(f"/api/campaigns/{campaign['id']}/claim/", **claim).json()["id"]):
            assert ann.get(f"/api/assignments/{number}/crops?size=128").status_code == 200
            whole = ann.get(f"/api/assignments/{number}/").json()
            seen = [tile["position"] for section in whole["sections"] for tile in section["tiles"]]
            body = {"revision": whole["revision"], "flags": [], "seen": seen}
            answer = ann.post(f"/api/assignments/{number}/submit/", json=body)
            assert answer.status_code == 200 and answer.json()["counted"] > 0, answer.text
        address = f"/api/campaigns/{campaign['id']}/progress/"
        live.wait_for(lambda: lead.get(address).json()["look_again"] is None)
        assert lead.get(address).json()["looks"]["counted"] > progress["looks"]["counted"]
