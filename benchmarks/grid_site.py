"""A campaign to look at in a browser: drawn signs as large as the crops of a grid, ranked by their pixels."""

import csv
import io
import json
import random
import zipfile
from typing import Any

from benchmarks import support

NAMES = ("speed-limit-30", "speed-limit-50", "speed-limit-70")
ERRORS = 3
FRAMES = 5  # of one physical sign
WRONG_EACH = 33  # one in so many carries another label


def drawn(each: int, side: int = 260) -> tuple[bytes, bytes, dict[str, str]]:
    """(zip of photos of `side` pixels, CSV manifest with boxes, {image: true label})."""
    import numpy as np

    from ranking.demo_signs import place_of
    from ranking.photographs import photograph

    archive, table, truth, places = io.BytesIO(), io.StringIO(newline=""), {}, {}
    writer = csv.writer(table)
    writer.writerow(["image", "label", "x", "y", "width", "height", "camera"])
    with zipfile.ZipFile(archive, "w") as files:
        for row in range(each * len(NAMES)):
            rng, label, name = np.random.RandomState([3, row]), NAMES[row % len(NAMES)], f"{row:05d}.jpg"
            if row % (FRAMES * len(NAMES)) < len(NAMES):
                places[label] = place_of(row, label, 3)
            image, box = photograph(places[label], int(rng.randint(100, 150)), side, rng)
            out = io.BytesIO()
            image.save(out, "JPEG", quality=90)
            files.writestr(name, out.getvalue())
            truth[name] = label
            wrong = (row // len(NAMES)) % WRONG_EACH == WRONG_EACH // 2
            given = random.Random(row).choice([n for n in NAMES if n != label]) if wrong else label
            writer.writerow([name, given, *box, f"camera-{row % 3}"])
    return archive.getvalue(), table.getvalue().encode(), truth


def kept(each: int) -> tuple[bytes, bytes, dict[str, str]]:
    """As `drawn`, which takes minutes: what was drawn once is kept."""
    place = support.ROOT / f"var/bench/grid-{each}.json"
    if not place.exists():
        archive, manifest, truth = drawn(each)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.with_suffix(".zip").write_bytes(archive)
        place.write_text(json.dumps([manifest.decode(), truth]))
    manifest, truth = json.loads(place.read_text())
    return place.with_suffix(".zip").read_bytes(), manifest.encode(), truth


def campaign(each: int, **settings: Any) -> tuple[Any, dict[str, str]]:
    """(an open campaign in batches of 100 over `each` signs a class, {image: true label}), with the reviewer `ann`,
    whose password is tests.make's."""
    from review.operations import import_, projects
    from review.storage import store
    from tests import make

    lead = make.user("lead")
    project = projects.create(name="Signs", by=lead)
    archive, manifest, truth = kept(each)
    source = {"archive": store().put(archive), "manifest": store().put(manifest)}
    dataset, job = import_.start(project=project, by=lead, name="Signs", source=source)
    make.work(job)
    make.rank(dataset)
    make.member(project, "ann")
    dataset.refresh_from_db()
    return make.campaign(dataset, lead, **{"batch_size": 100, **settings}), truth


def hundred(campaign: Any) -> Any:
    """Another campaign on the same dataset: one batch of 100 items of one class, three of them wrong."""
    from review.models import Item
    from tests import make

    dataset = campaign.dataset
    items = Item.objects.filter(dataset=dataset, label__name=NAMES[0]).select_related("object__image").order_by("pk")
    right = [item.pk for item in items if int(item.object.image.path[:5]) % len(NAMES) == 0]
    wrong = [item.pk for item in items if int(item.object.image.path[:5]) % len(NAMES) != 0]
    chosen = right[: 100 - ERRORS] + wrong[:ERRORS]
    Item.objects.filter(pk__in=chosen).update(attributes={"set": "hundred"})
    lead = dataset.project.members.get(role="lead").user
    where = {"attributes": {"set": "hundred"}}
    return make.campaign(dataset, lead, batch_size=100, slice={"labels": [NAMES[0]], "where": where})
