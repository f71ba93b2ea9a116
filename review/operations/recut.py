"""Cut a dataset's crops anew from its photos as they are kept: of another size, or through another window of deep grey.

The new crops wait beside the old ones and take their place in one step. Until then everybody is shown the old ones, and
who reviews notices nothing.
"""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from ..crops import View
from ..cutters import Cutters
from ..formats import base
from ..models import Dataset, EmbeddingLease, EmbeddingShard, Job, NewCrop, User
from ..storage import store
from . import audit, jobs, rankings, window
from .packing import array_text, copy_in, pack_crops, place, write_crops
from .parts import Keyed, Part, cut_parts
from .sources import SAMPLED, Opened, cutters

ROWS = 1000  # objects fetched at once
FIELDS = ("job", "object", "box", "shard", "small_offset", "small_length", "large_offset", "large_length", "inner")
# Objects in the order of their ids, which is that of their photos in the source.
OBJECTS = """
    SELECT o.id, i.path, o.x, o.y, o.width, o.height, p.key, i."offset", i."offset" + i.length
    FROM review_object o JOIN review_image i ON i.id = o.image_id JOIN review_shard p ON p.id = i.shard_id
    WHERE o.dataset_id = %(dataset)s AND o.id > %(after)s AND {} ORDER BY o.id LIMIT %(most)s
"""
WAITING = """
    NOT EXISTS (SELECT FROM review_newcrop c WHERE c.job_id = %(job)s AND c.object_id = o.id AND c.box
                IS NOT DISTINCT FROM CASE WHEN o.x IS NOT NULL THEN ARRAY[o.x, o.y, o.width, o.height] END)
"""
SAMPLE = "o.id IN (SELECT id FROM review_object WHERE dataset_id = %(dataset)s ORDER BY md5(id::text) LIMIT %(most)s)"
TAKE_THEIR_PLACE = """
    UPDATE review_object AS o SET shard_id = c.shard_id, small_offset = c.small_offset, small_length = c.small_length,
        large_offset = c.large_offset, large_length = c.large_length, "inner" = c."inner"
    FROM review_newcrop AS c WHERE c.job_id = %s AND c.object_id = o.id
"""
LEAVE = """
    UPDATE review_shard AS s SET left_at = now()
    WHERE s.dataset_id = %s AND s.kind = 'crops' AND s.left_at IS NULL
        AND NOT EXISTS (SELECT FROM review_object o WHERE o.shard_id = s.id)
        AND NOT EXISTS (SELECT FROM review_newcrop c WHERE c.shard_id = s.id)
"""


def start(*, dataset: Dataset, by: User | None, seen: dict[str, Any], dry_run: bool = False) -> Job:
    """Queue it. `seen` as `window.see` takes it; with `dry_run` a few crops are cut and shown, and nothing changes.
    Raises ValidationError."""
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update(no_key=True).select_related("project").get(pk=dataset.pk)
        if dataset.state != Dataset.State.READY:
            raise ValidationError(f"The dataset is {dataset.state}: only one that is ready can be cut anew.")
        before = dataset.view
        window.see(dataset, seen)
        if dataset.view == before and not dry_run:
            raise ValidationError("Its crops are cut like this already. Choose another size or window.")
        wish: dict[str, Any] = {
            "pixels": dataset.crop_pixels,
            "window": window.as_json(dataset.view.window),
            "dry_run": dry_run,
        }
        job = jobs.create(Job.Kind.RECUT, project=dataset.project, by=by, dataset=dataset, parameters=wish)
        if job.parameters != wish:
            raise ValidationError("Its crops are being cut anew already. Wait until that is done, or cancel it.")
        audit.record("crops cut anew", project=dataset.project, actor=by, dataset=dataset.pk, job=job.pk, **wish)
    return job


def run(run: jobs.Run) -> dict[str, Any]:
    """The cutting itself. What an earlier run cut is not cut again."""
    dataset, view = run.job.dataset, view_of(run.job)
    assert dataset is not None
    if run.job.parameters["dry_run"]:
        return preview(run, dataset, view)
    if not run.finished_parts():  # else it was cut off after its last step
        forget_others(run, dataset)
        with cutters(view) as pool:
            cut_rest(run, dataset, pool)
            while not switch(run, dataset, view):
                cut_rest(run, dataset, pool)  # what was redrawn meanwhile
    return {"objects": dataset.objects_in.count(), "crop_pixels": view.pixels, "window": window.as_json(view.window)}


def view_of(job: Job) -> View:
    given = job.parameters["window"]
    return View(job.parameters["pixels"], (given["low"], given["high"]) if given else None)


class Photos:
    """The photos of the objects that were fetched last, out of storage."""

    def __init__(self) -> None:
        self.places: dict[str, tuple[str, int, int]] = {}

    def names(self) -> Iterator[str]:
        yield from self.places

    def read(self, name: str) -> bytes:
        try:
            return store().get(*self.places[name])
        except OSError:
            raise base.RowError("The photo cannot be read from storage.", "image") from None

    def rows(self, condition: str, **names: Any) -> Iterator[base.Row]:
        """The objects for which the condition holds as rows, numbered by their ids; their photos can be read then."""
        after = 0
        while found := fetched(condition, {"after": after, "most": ROWS, **names}):
            self.places = {row[1]: row[6:] for row in found}
            for number, path, *box, _, _, _ in found:
                yield base.Row(number, path, "", None if box[0] is None else tuple(box))
            after = found[-1][0]


def fetched(condition: str, names: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(OBJECTS.format(condition), names)
        return cursor.fetchall()


def preview(run: jobs.Run, dataset: Dataset, view: View) -> dict[str, Any]:
    """A few crops as they would be, and the window that a sample asks for."""
    photos = Photos()
    sample = list(photos.rows(SAMPLE, dataset=dataset.pk, most=SAMPLED))
    source = Opened(dataset, photos, sample)
    dataset.crop_pixels = view.pixels
    if view.window:
        dataset.window_low, dataset.window_high = view.window
    return {
        "dry_run": True,
        "previews": [picture for picture, _ in window.previews(run, dataset, source)],
        "crop_pixels": view.pixels,
        "window": window.as_json(view.window),
        "found": window.as_json(window.of_sample(run, dataset, source)),
    }


def forget_others(run: jobs.Run, dataset: Dataset) -> None:
    """What waits of a recut that was given up is cut otherwise."""
    with transaction.atomic():
        run.hold()
        NewCrop.objects.filter(job__dataset=dataset).exclude(job=run.job).delete()
        leave(dataset)


def cut_rest(run: jobs.Run, dataset: Dataset, pool: Cutters) -> None:
    """Cut what is not cut yet by the box that it has now."""
    total, done = dataset.objects_in.count(), run.job.new_crops.count()
    photos = Photos()
    rows = photos.rows(WAITING, dataset=dataset.pk, job=run.job.pk)
    keyed: Iterator[Keyed] = ((row, str(row.number)) for row in rows)
    for _, part in cut_parts(keyed, photos, pool, {}):
        if part.bad:
            raise jobs.Refused(f"{part.bad[0].file}: {part.bad[0].reason} All is left as it was.")
        write(run, dataset, part)
        done = min(done + part.rows, total)
        run.progress(done, total, "Cutting out the objects anew")


def write(run: jobs.Run, dataset: Dataset, part: Part) -> None:
    """Keep a part's crops; they are in storage before the rows that name them."""
    cut = pack_crops(part)
    with transaction.atomic():
        run.hold()
        run.job.new_crops.filter(object__in=[row.number for row, *_ in part.good]).delete()
        where = write_crops(dataset, *cut)
        copy_in(
            NewCrop,
            FIELDS,
            (
                (run.job.pk, row.number, array_text(row.box), *place(where[id(crop)]), array_text(crop.inner))
                for row, _, crop, _ in part.good
            ),
        )


def switch(run: jobs.Run, dataset: Dataset, view: View) -> bool:
    """Everything in one step: the crops, how they are seen, and the ranking that is no longer of them. False, with
    nothing written, where some are to be cut yet. Raises Later while a ranking looks at the old ones."""
    with transaction.atomic():
        run.hold()
        held = Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
        rankings.wait_for_none(held)
        if next(Photos().rows(WAITING, dataset=held.pk, job=run.job.pk), None):
            return False
        with connection.cursor() as cursor:
            cursor.execute(TAKE_THEIR_PLACE, [run.job.pk])
        run.job.new_crops.all().delete()
        low, high = view.window or (None, None)
        Dataset.objects.filter(pk=held.pk).update(crop_pixels=view.pixels, window_low=low, window_high=high)
        leave(held)
        outdate(held)
        run.commit_next(0)
        rankings.start(dataset=held, by=run.job.by)
    return True


def leave(dataset: Dataset) -> None:
    """Have the shards swept that hold no crop any more (see sweep.py)."""
    with connection.cursor() as cursor:
        cursor.execute(LEAVE, [dataset.pk])


def outdate(dataset: Dataset) -> None:
    """Rankings of the old crops: their vectors go, and no new campaign stands on their orders."""
    EmbeddingLease.objects.filter(ranking__dataset=dataset).delete()
    EmbeddingShard.objects.filter(ranking__dataset=dataset).delete()
    dataset.rankings.update(done=False, projection="")
