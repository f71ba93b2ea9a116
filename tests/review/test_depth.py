"""Grey of more than 8 bits keeps its depth: one window for a dataset, found on a sample or given, none an image."""

import base64
import io

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from PIL import Image

from ranking import crops_reader
from review import crops, depth
from review.models import Dataset, Job
from review.storage import store
from tests import make
from tests.sources import PICTURE, bring_in, reasons, revise


def saved(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind)
    return out.getvalue()


def ramp(low: float, high: float, dtype: type = np.uint16, kind: str = "PNG") -> bytes:
    """40 × 40 pixels from low to high."""
    return saved(np.linspace(low, high, 1600).reshape(40, 40).astype(dtype), kind)


def seen(dataset: Dataset, key: str) -> np.ndarray:
    """The item's small crop as greys [h, w]."""
    thing = dataset.items.select_related("object__shard").get(key=key).object
    start = thing.small_offset
    data = store().get(thing.shard.key, start, start + thing.small_length)
    return np.asarray(Image.open(io.BytesIO(data)).convert("L")).astype(int)


def test_two_deep_images_of_different_light_keep_their_relation(project, lead):
    made, job = bring_in(project, lead, {"d/dim.png": ramp(1000, 1500), "d/bright.png": ramp(1500, 2000)})
    assert job.state == Job.State.DONE, job.message
    assert made.window_low == pytest.approx(1005, abs=3) and made.window_high == pytest.approx(1995, abs=3)
    dim, bright = seen(made, "d/dim.png"), seen(made, "d/bright.png")
    assert abs(dim.mean() - 64) < 4 and abs(bright.mean() - 191) < 4
    assert dim.max() <= bright.min() + 4


@pytest.mark.parametrize(
    ("dtype", "kind"), [(np.uint16, "TIFF"), (">u2", "TIFF"), (np.int32, "TIFF"), (np.float32, "TIFF")]
)
def test_every_kind_of_depth_is_seen_alike(project, lead, dtype, kind):
    made, _ = bring_in(project, lead, {"d/a.tif": ramp(0, 1000, dtype, kind), "d/b.tif": ramp(1000, 3000, dtype, kind)})
    assert made.window_high == pytest.approx(2980, abs=15)
    assert abs(seen(made, "d/a.tif").mean() - 42) < 4 and abs(seen(made, "d/b.tif").mean() - 170) < 4


def test_the_encoders_see_what_the_thumbnails_show(project, lead):
    made, _ = bring_in(project, lead, {"d/dim.png": ramp(1000, 1500), "d/bright.png": ramp(1500, 2000)})
    dim, bright = (
        crops_reader.read_scattered(crops_reader.places_of([made.items.get(key=key).object_id]), [16])[0]
        for key in ("d/dim.png", "d/bright.png")
    )
    assert dim.max() <= bright.min() + 8 and bright.mean() - dim.mean() > 110


def test_the_window_is_that_of_the_objects_and_not_of_the_dark_around_them(project, lead):
    pixels = np.full((400, 400), 50, np.uint16)
    pixels[200:220, 200:220] = np.linspace(20_000, 40_000, 400).reshape(20, 20)
    rows = "image,label,x,y,width,height\na.png,disc,200,200,20,20\n"
    made, _ = bring_in(project, lead, {"a.png": saved(pixels)}, rows)
    assert made.window_high is not None and made.window_high > 38_000
    assert seen(made, "a.png")[12:16, 12:16].max() < 250  # A window of the whole photo would have made it all white.


def test_a_window_that_the_lead_gives_is_kept(project, lead):
    files = {"d/dim.png": ramp(1000, 1500), "d/bright.png": ramp(1500, 2000)}
    made, _ = bring_in(project, lead, files, seen={"window_low": 0.0, "window_high": 65535.0})
    assert (made.window_low, made.window_high) == (0, 65535)
    assert seen(made, "d/bright.png").max() < 12


def test_photos_of_8_bits_have_no_window_and_are_seen_as_they_are(project, lead):
    grey = np.linspace(0, 255, 1600).reshape(40, 40).astype(np.uint8)
    made, _ = bring_in(project, lead, {"d/a.png": saved(grey), "d/b.png": saved(grey // 4)})
    assert made.window_low is None and made.window_high is None
    assert seen(made, "d/b.png").max() < 70


def test_a_deep_image_without_a_window_is_refused_and_not_stretched_by_itself(project, lead):
    """A hundred rows are sampled; the one deep image among two thousand is not among them."""
    rows = "image,label\n" + "a.jpg,disc\n" * 2000 + "deep.png,disc\n"
    made, job = bring_in(project, lead, {"a.jpg": PICTURE, "deep.png": ramp(0, 9000)}, rows)
    assert job.result["items"] == 2000 and made.window_low is None
    assert "more than 8 bits of grey" in reasons(made)[2001][1] and "with a window" in reasons(made)[2001][1]


def test_pixels_that_are_no_number_are_black_and_widen_no_window(project, lead):
    pixels = np.linspace(0, 1, 1600).reshape(40, 40).astype(np.float32)
    pixels[:4], pixels[-4:] = np.nan, np.inf
    made, _ = bring_in(project, lead, {"d/a.tif": saved(pixels, "TIFF")})
    assert made.window_high is not None and 0.8 < made.window_high < 1
    assert seen(made, "d/a.tif")[:2].max() < 20


def test_an_image_of_one_value_has_a_window_all_the_same(project, lead):
    made, job = bring_in(project, lead, {"d/a.png": saved(np.full((20, 20), 700, np.uint16))})
    assert job.state == Job.State.DONE and (made.window_low, made.window_high) == (700, 701)


def test_a_look_before_the_import_shows_the_window_and_the_lead_sets_another(project, lead):
    files = {"d/dim.png": ramp(1000, 1500), "d/bright.png": ramp(1500, 2000)}
    made, job = bring_in(project, lead, files, dry_run=True)
    assert job.result["window"]["low"] == pytest.approx(1005, abs=3) and job.result["crop_pixels"] == 128
    shown = [Image.open(io.BytesIO(base64.b64decode(one))) for one in job.result["previews"]]
    assert [one.size for one in shown] == [(40, 40)] * 2
    client, address = make.client(lead), f"/api/datasets/{made.pk}/import/"
    for body in ({"window_low": 5}, {"window_low": 5, "window_high": 5}, {"crop_pixels": 16}):
        assert client.post(address, body, format="json").status_code == 400
    again = {"dry_run": True, "window_low": 0, "window_high": 4000, "crop_pixels": 64}
    answer = client.post(address, again, format="json")
    assert answer.status_code == 202 and answer.json()["job"] != job.pk
    looked = make.work(Job.objects.get(pk=answer.json()["job"]))
    assert looked.result["window"] == {"low": 0, "high": 4000} and looked.result["crop_pixels"] == 64
    assert make.work(Job.objects.get(pk=client.post(address).json()["job"])).state == Job.State.DONE
    made.refresh_from_db()
    assert (made.window_low, made.window_high, made.crop_pixels) == (0, 4000, 64)
    facts = client.get(f"/api/datasets/{made.pk}/").json()
    assert facts["window"] == {"low": 0, "high": 4000} and facts["crop_pixels"] == 64
    assert abs(seen(made, "d/bright.png").mean() - 255 * 1750 / 4000) < 4


def test_what_is_cut_under_one_window_is_never_mixed_with_another(project, lead):
    made, _ = bring_in(project, lead, {"d/a.png": ramp(0, 9000)}, dry_run=True)
    made.shards.create(kind="crops", key=store().put(b"of an import that was cut off"), bytes=29)
    answer = make.client(lead).post(f"/api/datasets/{made.pk}/import/", {"crop_pixels": 64}, format="json")
    assert answer.status_code == 409 and "cut already" in answer.json()["detail"]


def test_the_whole_photo_and_a_redrawn_box_are_seen_through_the_same_window(project, lead):
    pixels = np.linspace(1000, 2000, 10_000).reshape(100, 100).astype(np.uint16)
    rows = "image,label,x,y,width,height\na.png,disc,10,10,30,30\n"
    made, _ = bring_in(project, lead, {"a.png": saved(pixels)}, rows, seen={"window_low": 0.0, "window_high": 4000.0})
    item = made.items.get()
    answer = make.client(lead).get(f"/api/items/{item.pk}/context/")
    assert answer.status_code == 200
    assert 60 < np.asarray(Image.open(io.BytesIO(answer.content)).convert("L"))[90, 50] < 130
    revise(made, "a.png", "box", [50, 50, 30, 30])
    assert 60 < seen(made, "a.png").mean() < 130


def test_crops_are_as_large_as_the_dataset_asks(project, lead):
    photo = make.picture("disc", 1, side=900)
    for pixels in (32, 128, 512):
        made, _ = bring_in(project, lead, {"d/a.jpg": photo}, seen={"crop_pixels": pixels})
        assert seen(made, "d/a.jpg").shape == (pixels, pixels)


def test_the_database_refuses_half_a_window_and_crops_beyond_the_limits(project):
    made = Dataset.objects.create(project=project, name="x", format="manifest")
    for fields in ({"window_low": 1}, {"window_low": 2, "window_high": 1}, {"crop_pixels": 8}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Dataset.objects.filter(pk=made.pk).update(**fields)


def test_the_window_leaves_a_share_of_the_values_on_either_side():
    low, high = depth.window_of([list(range(1000)), list(range(1000, 2000))])
    assert (low, high) == (10, 1990)


def test_a_deep_image_is_never_decoded_without_a_window():
    with pytest.raises(crops.BadImage, match="window"):
        crops.decode(ramp(0, 9000), 10**6)
