"""What the benchmarks share: a data folder of their own, and made-up items by the hundred thousand."""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def set_up() -> None:
    """Engines and Django, on MLFIX_VAR or a new temporary folder, migrated."""
    os.environ.setdefault("MLFIX_VAR", tempfile.mkdtemp(prefix="mlfix-bench-"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlfix_site.settings")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    from mlfix_site import embedded

    embedded.ensure()
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


@contextmanager
def serving(*arguments: str, whole: bool = False, **environment: str) -> Iterator[str]:
    """The address of one web process: the site's own, or of the ASGI application that the arguments name. `whole`: with
    the worker and the clock that a site has beside it."""
    from mlfix_site import processes
    from mlfix_site.embedded import free_port
    from mlfix_site.running import client

    port = free_port()
    program = processes.web(port, **environment)
    if arguments:
        options = program.arguments[2:]
        program = processes.Program("bare", ["uvicorn", arguments[0], *options], program.environment)
    url = f"http://127.0.0.1:{port}"
    beside = [processes.general_worker(), processes.beat()] if whole else []
    with processes.Processes([program, *beside], print):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                client(url).get("/healthz", timeout=2)
                break
            except Exception:
                time.sleep(0.1)
        yield url


def made_up(items: int, labels: int, batch_size: int, **settings: Any) -> Any:
    """A campaign over `items` items in `labels` labels, all of one tiny picture: rows only, written in bulk."""
    from django.db import connection

    from review.models import Campaign, Dataset, Fit, Label, Ranking, Shard, User
    from review.operations import projects
    from review.storage import store
    from tests import make

    lead, _ = User.objects.get_or_create(username="bench-lead")
    project = projects.create(name="Bench", by=lead)
    dataset = Dataset.objects.create(project=project, name="Made up", format="manifest", state="ready")
    picture = make.picture("disc", 1)
    shard = Shard.objects.create(dataset=dataset, kind="crops", key=store().put(picture), bytes=len(picture))
    Label.objects.bulk_create(
        Label(dataset=dataset, name=f"label-{k:04d}", readable_name=f"Label {k}") for k in range(labels)
    )
    ranking = Ranking.objects.create(dataset=dataset, encoder="none", version="1", done=True)
    Dataset.objects.filter(pk=dataset.pk).update(ranking=ranking)
    campaign = Campaign.objects.create(
        dataset=dataset, name="Bench", ranking=ranking, batch_size=batch_size, **settings
    )
    names = {"d": dataset.pk, "s": shard.pk, "n": items, "l": labels, "c": campaign.pk, "size": len(picture),
             "b": batch_size, "looks": campaign.looks_min}  # fmt: skip
    with connection.cursor() as cursor:
        for statement in MADE_UP:
            cursor.execute(statement, names)
    fit = Fit.objects.create(campaign=campaign, number=0, parameters=first_parameters(), label_count=labels)
    Campaign.objects.filter(pk=campaign.pk).update(fit=fit, state="planning")
    Campaign.objects.filter(pk=campaign.pk).update(state="open")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return campaign


def first_parameters() -> dict[str, Any]:
    from review.consensus.fit import Fit

    return Fit().as_json()


MADE_UP = [
    """INSERT INTO review_image (dataset_id, path, width, height, media_type, shard_id, "offset", length)
       SELECT %(d)s, 'made-up/' || k, 48, 48, 'image/jpeg', %(s)s, 0, %(size)s FROM generate_series(1, %(n)s) k""",
    """INSERT INTO review_object (dataset_id, image_id, shard_id, small_offset, small_length, large_offset,
         large_length)
       SELECT %(d)s, id, %(s)s, 0, %(size)s, 0, %(size)s FROM review_image WHERE dataset_id = %(d)s""",
    """INSERT INTO review_item (dataset_id, object_id, key, label_id, removed, attributes, "group", row, suggestions)
       SELECT %(d)s, o.id, 'k' || o.id, l.first + (o.n * %(l)s / %(n)s), FALSE, '{}', '', o.n + 1, '[]'
       FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM review_object WHERE dataset_id = %(d)s) o,
            (SELECT min(id) AS first FROM review_label WHERE dataset_id = %(d)s) l""",
    """INSERT INTO review_batch (campaign_id, number, open, withdrawn)
       SELECT %(c)s, k, TRUE, FALSE FROM generate_series(1, (%(n)s + %(b)s - 1) / %(b)s) k""",
    """INSERT INTO review_verdict (campaign_id, dataset_id, item_id, label_id, batch_id, round, place, prior,
         suggestions, kin, wanted, lent, counted, state, remove, flags)
       SELECT %(c)s, %(d)s, i.id, i.label_id, b.id, 1, i.row, 0.03, '[]', 0, %(looks)s, 0, 0, 'open', FALSE, 0
       FROM review_item i JOIN review_batch b ON b.campaign_id = %(c)s AND b.number = (i.row - 1) / %(b)s + 1
       WHERE i.dataset_id = %(d)s""",
    """INSERT INTO review_section (batch_id, position, label_id, items, honeypots)
       SELECT v.batch_id, 0, min(v.label_id), array_agg(v.item_id ORDER BY v.place), '[]'
       FROM review_verdict v WHERE v.campaign_id = %(c)s GROUP BY v.batch_id""",
]


def milliseconds(values: list[float]) -> str:
    """Median and 95th percentile."""
    ordered = sorted(1000 * value for value in values)
    return f"{statistics.median(ordered):7.1f} ms median {ordered[int(0.95 * (len(ordered) - 1))]:7.1f} ms 95 %"


def machine() -> str:
    import datetime
    import platform

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores, {platform.machine()}, Python {platform.python_version()}, {datetime.date.today()}"
