"""Datasets of very many made-up items, written as rows in bulk, over a few crops that all of them share."""

import io
from typing import Any

from PIL import Image

from benchmarks import support

A_SHARD = 1000  # objects, as an import makes them
DISTINCT, SIDE = 200, 64  # crops, and their pixels
STATEMENTS = [
    """INSERT INTO review_image (dataset_id, path, width, height, media_type, shard_id, "offset", length)
       SELECT %(d)s, 'made-up/' || k, 48, 48, 'image/jpeg', %(s)s, 0, %(size)s FROM generate_series(1, %(n)s) k""",
    """INSERT INTO review_object (dataset_id, image_id, shard_id, small_offset, small_length, large_offset,
         large_length)
       SELECT %(d)s, i.id, s.id, i.n %% %(crops)s * %(size)s, %(size)s, 0, %(size)s FROM
         (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM review_image WHERE dataset_id = %(d)s) i
         JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM review_shard WHERE dataset_id = %(d)s) s
         ON i.n / %(b)s = s.n ORDER BY i.id""",
    """INSERT INTO review_item (dataset_id, object_id, key, label_id, removed, attributes, "group", row, suggestions)
       SELECT %(d)s, o.id, 'k' || o.id, l.first + (%(l)s * sqrt(o.n::float8 / %(n)s))::int %% %(l)s, FALSE,
         jsonb_build_object('camera', 'cam-' || o.n %% 20), 'track-' || o.n / 5, o.n + 1, '[]'
       FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM review_object WHERE dataset_id = %(d)s) o,
            (SELECT min(id) AS first FROM review_label WHERE dataset_id = %(d)s) l""",
]


def dataset_of(n: int, labels: int) -> Any:
    """A dataset of n items in `labels` labels of uneven size, one an object, in groups of five."""
    support.set_up()
    from django.db import connection, transaction

    from review.models import Dataset, Label, Shard, User
    from review.operations import projects
    from review.storage import store

    lead, _ = User.objects.get_or_create(username="bench-lead")
    project = projects.create(name="Bench", by=lead)
    dataset = Dataset.objects.create(project=project, name=f"{n:,}", format="manifest", state="ready")
    crops = drawn()
    key, size = store().put(b"".join(crops)), sum(map(len, crops))
    shards = [Shard(dataset=dataset, kind="crops", key=key, bytes=size) for _ in range(-(-n // A_SHARD))]
    Shard.objects.bulk_create(shards)
    Label.objects.bulk_create(
        Label(dataset=dataset, name=f"label-{k:04d}", readable_name=f"Label {k}") for k in range(labels)
    )
    names = {"d": dataset.pk, "s": shards[0].pk, "n": n, "l": labels, "size": len(crops[0]), "b": A_SHARD,
             "crops": len(crops)}  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        # What the rows name was made here: to look each of millions up again would only take time.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in STATEMENTS:
            cursor.execute(statement, names)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return dataset


def drawn() -> list[bytes]:
    """JPEG crops of 64 px, all of one length: what follows the end of a JPEG is not read."""
    from benchmarks import pictures

    blobs = []
    for crop in pictures.crops((), SIDE)[0][:DISTINCT]:
        out = io.BytesIO()
        Image.fromarray(crop).save(out, "JPEG", quality=90)
        blobs.append(out.getvalue())
    longest = max(map(len, blobs))
    return [blob.ljust(longest, b"\0") for blob in blobs]
