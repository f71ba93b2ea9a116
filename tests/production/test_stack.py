"""The services of docker-compose.yml, started by their own commands with their own environment, carry one batch."""

import csv
import io
import json
import os
import re
import subprocess
import tarfile
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from websockets.sync.client import connect

from mlfix_site.embedded import free_port
from mlfix_site.running import client, wait_until_ready
from tests import live, make

from .compose import ROOT, SERVICES, Stack, filled

HOST = "labels.example.org"
ENV = {
    "MLFIX_HOSTS": HOST,
    "MLFIX_ADDRESS": ":80",
    "SECRET_KEY": "k" * 50,
    "POSTGRES_PASSWORD": "p" * 20,
    "REDIS_PASSWORD": "r" * 20,
    "HSTS_SECONDS": "60",
}
MOST_BYTES = 250 * 2**20


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All of it on a database of its own; PostgreSQL and Valkey are the tests' own."""
    folder = tmp_path_factory.mktemp("stack")
    (folder / "data").mkdir()
    url = os.environ["DATABASE_URL"]
    web, proxy = free_port(), free_port()
    instead = {
        "DATABASE_URL": url.replace("/mlfix?", "/production?"),
        "REDIS_URL": os.environ["REDIS_URL"].removesuffix("/0") + "/1",
        "MLFIX_ADDRESS": f":{proxy}",
        "MLFIX_UPSTREAM": f"127.0.0.1:{web}",
    }
    made = Stack(ENV, instead, folder)
    made.web, made.url = f"http://127.0.0.1:{web}", f"http://127.0.0.1:{proxy}"  # type: ignore[attr-defined]
    with psycopg.connect(url, autocommit=True) as home:
        home.execute("DROP DATABASE IF EXISTS production WITH (FORCE)")
        home.execute("CREATE DATABASE production")
        try:
            made.run("migrate")
            made.start("web", "--port", str(web))
            for name in ("worker", "gpu-worker", "beat", "proxy"):
                made.start(name)
            wait_until_ready(made.web)  # type: ignore[attr-defined]
            yield made
            assert all(status in (0, -15) for status in made.stop().values())
        finally:
            for process in made.running.values():
                process.kill()
            home.execute("DROP DATABASE production WITH (FORCE)")


@pytest.fixture(scope="module")
def lead(stack: Any) -> httpx.Client:
    """Somebody signed in through the proxy, with the first account, made as OPERATIONS.md says."""
    account = {"DJANGO_SUPERUSER_PASSWORD": make.PASSWORD}
    words = ["createsuperuser", "--no-input", "--username", "lead", "--email", "lead@example.org"]
    stack.run("web", "python", "manage.py", *words, **account)
    found = client(stack.url, headers={"Host": HOST})
    answer = found.post("/api/token/", json={"username": "lead", "password": make.PASSWORD})
    found.headers["Authorization"] = f"Token {answer.json()['token']}"
    return found


def finished(lead: httpx.Client, job: int) -> dict[str, Any]:
    def ended() -> bool:
        return lead.get(f"/api/jobs/{job}/").json()["state"] in ("done", "failed")

    live.wait_for(ended, 120)
    found = lead.get(f"/api/jobs/{job}/").json()
    assert found["state"] == "done", found
    return found


@pytest.fixture(scope="module")
def exported(stack: Any, lead: httpx.Client) -> dict[str, Any]:
    """One batch from import to export over HTTP; where everything is."""
    wrong = {5: "square"}
    archive, table, truth = make.source(each=12, wrong=wrong)
    project = lead.post("/api/projects/", json={"name": "Shapes"}).json()["id"]
    files = {"archive": ("a.zip", archive), "manifest": ("m.csv", table)}
    sent = lead.post(f"/api/projects/{project}/datasets/", data={"name": "Sent"}, files=files).json()
    finished(lead, sent["job"])
    body = {"name": "All", "policy": "solo", "batch_size": 60, "encoder": "pixels"}
    planned = lead.post(f"/api/datasets/{sent['id']}/campaigns/", json=body).json()
    finished(lead, planned["job"])
    key = {"Idempotency-Key": "one"}
    lent = lead.post(f"/api/campaigns/{planned['id']}/claim/", headers=key).json()
    crops = lead.get(f"/api/assignments/{lent['id']}/crops?size=128")
    seen = [(s["label"], tile["position"]) for s in lent["sections"] for tile in s["tiles"]]
    position = next(p for label, p in seen if label == "square")
    flag = {"position": position, "reason": "wrong_label", "label": "disc", "comment": ""}
    marks = {"revision": lent["revision"], "flags": [flag], "seen": [p for _, p in seen]}
    handed_in = lead.post(f"/api/assignments/{lent['id']}/submit/", json=marks)
    export = lead.post(f"/api/datasets/{sent['id']}/exports/", json={"format": "manifest", "kind": "patch"}).json()
    finished(lead, export["job"])
    patch = lead.get(lead.get(f"/api/exports/{export['id']}/").json()["download"])
    return {
        "project": project, "dataset": sent["id"], "campaign": planned["id"], "assignment": lent["id"],
        "job": sent["job"], "crops": crops, "handed_in": handed_in, "tiles": len(seen),
        "patch": list(csv.DictReader(io.StringIO(patch.text))),
    }  # fmt: skip


def test_one_batch_goes_from_import_to_export_through_the_proxy(stack: Any, exported: dict[str, Any]) -> None:
    assert exported["crops"].status_code == 200 and len(exported["crops"].content) > 10_000
    assert exported["handed_in"].json() == {"counted": exported["tiles"], "surplus": 0, "unsaved": 0}
    assert (stack.folder / "data" / "storage").is_dir()
    (line,) = exported["patch"]
    assert (line["change"], line["old_label"], line["new_label"]) == ("relabel", "square", "disc")


def test_pages_and_sockets_pass_and_the_web_has_no_torch_and_stays_small(
    stack: Any, lead: httpx.Client, exported: dict[str, Any]
) -> None:
    token = re.search(r"csrftoken=(\w+)", lead.get("/login/").headers["set-cookie"])[1]  # type: ignore[index]
    form = {"username": "lead", "password": make.PASSWORD, "csrfmiddlewaretoken": token}
    answer = lead.post("/login/", data=form, headers={"Cookie": f"csrftoken={token}"})
    assert answer.status_code == 302, answer.text
    cookie = {"Cookie": re.search(r"sessionid=\w+", str(answer.headers.get_list("set-cookie")))[0]}  # type: ignore[index]
    campaign = f"/campaigns/{exported['campaign']}"
    pages = ["/", f"/projects/{exported['project']}/", f"/datasets/{exported['dataset']}/", f"{campaign}/"]
    pages += [f"{campaign}/review/", f"{campaign}/disputes/", f"{campaign}/fixes/", "/api/schema/"]
    pages += [f"/api/assignments/{exported['assignment']}/crops?size={size}" for size in (128, 320)]
    for page in [*pages, "/static/page.js", "/static/review.js"]:
        assert lead.get(page, headers=cookie).status_code == 200, page
    for number in range(exported["tiles"]):
        assert lead.get(f"/api/assignments/{exported['assignment']}/tiles/{number}/crop/").status_code == 200
    with connect(stack.url.replace("http", "ws") + f"/ws/jobs/{exported['job']}/", additional_headers=cookie,
                 origin=stack.url, proxy=None) as socket:  # fmt: skip
        assert "topic" in socket.recv(timeout=5)
    assert "torch" not in {path.name for path in stack.programs["mlfix-web"].parent.glob("lib/*/site-packages/*")}
    for name in ("web", "worker"):
        maps = psutil.Process(stack.running[name].pid).memory_maps()
        assert not [entry.path for entry in maps if "torch" in entry.path]
    web = psutil.Process(stack.running["web"].pid)
    print(f"The web holds {web.memory_info().rss / 2**20:.0f} MiB.")
    assert "uvicorn" in web.cmdline() and web.memory_info().rss < MOST_BYTES


def test_the_proxy_says_for_itself_how_a_client_came(stack: Any, lead: httpx.Client) -> None:
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9", "Host": HOST}
    assert "strict-transport-security" in client(stack.web).get("/login/", headers=forged).headers
    assert "strict-transport-security" not in lead.get("/login/", headers=forged).headers
    assert lead.get("/", headers={"Host": "elsewhere.example.org"}).status_code == 400


def test_a_backup_streams_to_the_standard_output(stack: Any, exported: dict[str, Any]) -> None:
    with (stack.folder / "site.tar").open("wb") as target:
        words = stack.found("web", ["python", "manage.py", "backup", "-"])
        done = subprocess.run(
            words, cwd=ROOT, env=stack.environment("web"), stdout=target, stderr=subprocess.PIPE, text=True
        )
    made = json.loads(done.stderr.splitlines()[-1])
    with tarfile.open(stack.folder / "site.tar") as tar:
        names = tar.getnames()
    assert names[0] == "mlfix-backup.json" and names[-1] == "end.json" and len(names) == made["objects"] + 3


def test_the_health_checks_of_the_web_tell_a_ready_site(stack: Any, exported: dict[str, Any]) -> None:
    words = [filled(word, ENV) for word in SERVICES["web"]["healthcheck"]["test"]]
    assert words[0] == "CMD"
    port = stack.web.rsplit(":", 1)[1]
    stack.run("web", *(word.replace(":8000", f":{port}") for word in words[1:]))
