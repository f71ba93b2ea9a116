"""A pytest plugin, loaded before Django: real PostgreSQL and Valkey of the tests' own, kept in var/test."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
os.environ["MLFIX_VAR"] = str(Path(os.environ.get("MLFIX_VAR", ROOT / "var")).resolve() / "test")
os.environ["DJANGO_SETTINGS_MODULE"] = "mlfix_site.settings"
os.environ["MLFIX_TOKEN_RATE"] = "1000/min"
os.environ["MLFIX_CONFIRMATION_RATE"] = os.environ["MLFIX_OUTWARD_RATE"] = "1000/min"
os.environ["MLFIX_PART_ROWS"] = "250"  # so that small sets have several parts
os.environ.setdefault("OMP_NUM_THREADS", "1")  # small problems: threads would only wait for each other

from mlfix_site import embedded  # noqa: E402

(Path(os.environ["MLFIX_VAR"]) / "static").mkdir(parents=True, exist_ok=True)
embedded.ensure()
