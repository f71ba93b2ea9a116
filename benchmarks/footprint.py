"""What the site takes: memory of the web process, whether torch is in it, start-up times, size of what is installed.

python -m benchmarks.footprint
"""

import os
import re
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

from benchmarks import support

support.set_up()

import psutil  # noqa: E402

from benchmarks.load import TILES, client, highest, pair, people  # noqa: E402

PAGES = ("/login/", "/api/docs/", "/healthz", "/readyz")


def main() -> None:
    import asyncio

    print(f"Footprint; {support.machine()}")
    campaign = support.made_up(10_000, 10, TILES, looks_min=3, looks_max=3, policy="fixed", honeypots=0)
    who = people(campaign, 50)
    began = time.perf_counter()
    with support.serving() as url:
        print(f"web answers after     {time.perf_counter() - began:6.1f} s")
        asyncio.run(highest(lambda k, http: pair(http, campaign.pk, who[k % len(who)]), url, 60))
        asyncio.run(visit(url))
        process = next(
            p for p in psutil.process_iter(["cmdline"]) if url.rsplit(":", 1)[1] in (p.info["cmdline"] or [])
        )
        libraries = {Path(m.path).name for m in process.memory_maps()}
        print(f"web process           {process.memory_info().rss / 2**20:6.0f} MB after 60 batches and the pages")
        print(f"torch in it           {'yes' if any('torch' in name for name in libraries) else 'no':>6}")
    for what, code in (
        ("django", "import django; django.setup()"),
        ("ranking worker's imports", "import ranking.tasks"),
    ):
        print(f"{what:21} {started(code):6.1f} s")
    for what, lock in (("web's packages", "web.lock"), ("ranking worker's too", "worker.lock")):
        print(f"{what:22}{size_of(support.ROOT / 'requirements' / lock) / 2**20:6,.0f} MB")


def size_of(lock: Path) -> int:
    """Bytes on disk of the packages that a lock file names, as far as they are installed here."""
    named = set(re.findall(r"^([a-z0-9-]+)==", lock.read_text(), re.MULTILINE))
    here = [d for d in metadata.distributions() if re.sub(r"[-_.]+", "-", d.name).lower() in named]
    files = [file.locate() for package in here for file in package.files or []]
    return sum(os.path.getsize(file) for file in files if os.path.exists(file))


async def visit(url: str) -> None:
    async with client(url) as http:
        for page in PAGES:
            await http.get(page)


def started(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import django; django.setup(); {code}"], check=True, cwd=support.ROOT)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
