"""Odd pictures and odd datasets through the real import and the real ranking: handled, or refused with a sentence."""

import io

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from ranking import device, embedder, encoders
from ranking.encoders.base import EncoderUnavailable
from ranking.encoders.pixels import Pixels
from review.models import Dataset, Job, LabelOrder
from review.operations import jobs
from tests import make
from tests.review.test_depth import ramp, seen
from tests.sources import PICTURE, bring_in


def saved(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def shape(label: str, seed: int) -> Image.Image:
    return Image.open(io.BytesIO(make.picture(label, seed)))


def rotated() -> bytes:
    """A wide picture that says that it is to be turned by a quarter."""
    exif = Image.Exif()
    exif[0x0112] = 6
    wide = Image.new("RGB", (60, 30))
    wide.paste((250, 250, 250), (0, 0, 30, 30))
    return saved(wide, "JPEG", exif=exif, quality=95)


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (30, 30), (200, 30, 30)), Image.new("RGB", (30, 30), (30, 30, 200))]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)


ODD = {
    "grey.png": saved(shape("disc", 1).convert("L")),
    "two.png": saved(shape("disc", 2).convert("1")),
    "cmyk.jpg": saved(shape("disc", 3).convert("CMYK"), "JPEG"),
    "palette.png": saved(shape("disc", 4).convert("P")),
    "see-through-palette.gif": saved(shape("disc", 5).convert("P"), "GIF", transparency=0),
    "alpha.png": saved(shape("disc", 6).convert("RGBA")),
    "all-alpha.png": saved(Image.new("RGBA", (30, 30), (255, 0, 0, 0))),
    "grey-alpha.png": saved(shape("disc", 7).convert("LA")),
    "deep.png": ramp(0, 60_000),
    "float.tif": ramp(0, 60_000, np.float32, "TIFF"),
    "turned.jpg": rotated(),
    "film.gif": animated("GIF"),
    "film.webp": animated("WEBP"),
    "film.png": animated("PNG"),
    "film.tif": animated("TIFF"),
    "dot.png": saved(Image.new("RGB", (1, 1), (9, 200, 9))),
    "deep-dot.png": saved(Image.fromarray(np.full((1, 1), 30_000, np.uint16))),
    "tall.png": saved(Image.new("RGB", (1, 5000), (9, 9, 200))),
    "wide.png": saved(Image.new("RGB", (5000, 1), (9, 9, 200))),
}


@pytest.fixture
def odd(project, lead) -> Dataset:
    plain = {f"{label}/{n}.jpg": make.picture(label, n) for label in ("disc", "bar") for n in range(10)}
    made, job = bring_in(project, lead, plain | {f"disc/{name}": data for name, data in ODD.items()})
    assert job.state == Job.State.DONE, job.message
    return made


def ranked(made: Dataset, encoder: str = "pixels") -> Dataset:
    Job.objects.filter(pk=made.jobs.get(kind="rank").pk).update(parameters={"encoder": encoder})
    job = make.work(made.jobs.get(kind="rank"))
    assert job.state == Job.State.DONE, job.message
    made.refresh_from_db()
    return made


def laid_out(made: Dataset) -> list[int]:
    return sorted(item for order in LabelOrder.objects.filter(ranking=made.ranking) for item in order.items)


def test_every_odd_picture_comes_in_and_is_ranked(odd):
    assert not odd.rejected.exists()
    ranked(odd)
    assert laid_out(odd) == sorted(odd.items.values_list("pk", flat=True))
    assert all(0 <= value <= 1 for value in odd.items.values_list("suspicion", flat=True))


def test_a_turned_photo_is_upright_and_a_film_is_its_first_frame(odd):
    turned = seen(odd, "disc/turned.jpg")
    assert turned.shape == (60, 30) and turned[:25].mean() > 200 > 60 > turned[35:].mean()
    image = odd.images.get(path="disc/turned.jpg")
    assert (image.width, image.height) == (30, 60)
    red = int(np.asarray(ImageOps.grayscale(Image.new("RGB", (1, 1), (200, 30, 30))))[0, 0])
    for kind in ("gif", "webp", "png", "tif"):
        assert abs(seen(odd, f"disc/film.{kind}") - red).max() < 8, kind


def test_grey_colour_palette_and_alpha_show_the_same_disc(odd):
    for number, name in enumerate(["grey.png", "two.png", "cmyk.jpg", "palette.png"], 1):
        there = np.asarray(shape("disc", number).convert("L"), np.int64)
        found = seen(odd, f"disc/{name}")
        # Of black and white dots alone the eye makes the grey.
        blurred = [np.asarray(Image.fromarray(a.astype(np.uint8)).resize((12, 12))).ravel() for a in (there, found)]
        assert np.corrcoef(*blurred)[0, 1] > 0.95, name
    assert abs(seen(odd, "disc/all-alpha.png") - 128).max() < 4


def test_a_box_of_a_single_pixel_and_one_of_a_sliver_are_ranked(project, lead):
    photo = saved(Image.effect_noise((300, 300), 80))
    rows = "image,label,x,y,width,height\n" + "".join(
        f"a.png,{label},{10 + 9 * n},{at},{width},{height}\n"
        for n in range(8)
        for label, at, width, height in (("dot", 5, 1, 1), ("sliver", 20, 0.2, 200), ("plain", 100, 40, 40))
    )
    made, _ = bring_in(project, lead, {"a.png": photo}, rows)
    assert not made.rejected.exists()
    ranked(made)
    assert laid_out(made) == sorted(made.items.values_list("pk", flat=True))


def test_a_class_of_one_is_laid_out_and_nothing_is_made_up_of_its_label(project, lead):
    files = {f"{label}/{n}.jpg": make.picture(label, n) for label in ("disc", "bar") for n in range(12)}
    made, _ = bring_in(project, lead, files | {"cross/1.jpg": make.picture("cross", 1)})
    ranked(made)
    alone = made.items.get(label__name="cross")
    assert alone.pk in laid_out(made)
    assert alone.suspicion is None or 0 <= alone.suspicion <= 1
    assert made.items.filter(suspicion__isnull=False).count() >= 24


def test_a_dataset_of_one_class_has_an_order_and_no_suspicion(project, lead):
    made, _ = bring_in(project, lead, {f"disc/{n}.jpg": make.picture("disc", n) for n in range(9)})
    ranked(made)
    assert len(laid_out(made)) == 9
    assert not made.items.filter(suspicion__isnull=False).exists()


def test_a_dataset_of_one_item_is_ranked(project, lead):
    made, _ = bring_in(project, lead, {"disc/1.jpg": PICTURE})
    assert laid_out(ranked(made)) == list(made.items.values_list("pk", flat=True))


def test_identical_items_of_several_classes_are_laid_out_and_none_is_surely_wrong(project, lead):
    made, _ = bring_in(project, lead, {f"{label}/{n}.jpg": PICTURE for label in ("disc", "bar") for n in range(15)})
    ranked(made)
    assert laid_out(made) == sorted(made.items.values_list("pk", flat=True))
    known = [value for value in made.items.values_list("suspicion", flat=True) if value is not None]
    assert all(np.isfinite(known)) and max(known, default=0) < 0.6


class Small(Pixels):
    """An encoder on a device that holds so many crops at once and no more."""

    def __init__(self, holds: int, error: RuntimeError | None = None) -> None:
        super().__init__()
        self.holds, self.asked = holds, []
        self.error = error or torch.OutOfMemoryError("CUDA out of memory.")

    def encode(self, crops):
        self.asked.append(len(crops))
        if len(crops) > self.holds:
            raise self.error
        return super().encode(crops)


def crops(n: int) -> list[np.ndarray]:
    rng = np.random.default_rng(2)
    return [rng.integers(0, 256, (n, side, side, 3), np.uint8) for side in embedder.sizes(Pixels())]


def test_a_device_that_runs_out_of_memory_is_given_smaller_batches_from_then_on():
    seen = crops(150)
    small = Small(20)
    made = embedder.fitted(device.Steady(small), *seen)
    assert max(small.asked) == embedder.BATCH and small.asked[-1] <= 20
    assert len(small.asked) < 15, "it tried the large batch again and again"
    want = embedder.fitted(Pixels(), *seen).embed(*seen)[0]
    assert np.allclose(made.embed(*seen)[0], want)


@pytest.mark.parametrize(
    "words",
    ["CUDA error: out of memory", "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"],
)
def test_a_library_of_the_device_that_finds_no_room_is_no_device_that_failed(words):
    small = Small(20, RuntimeError(words))
    assert device.Steady(small).encode(crops(50)[0]).shape == (50, small.dim)
    assert small.asked == [50, 25, 12, 12, 12, 12, 2]


def test_a_device_without_room_for_one_crop_is_refused_with_a_sentence():
    with pytest.raises(EncoderUnavailable, match="memory"):
        embedder.fitted(device.Steady(Small(0)), *crops(3))


@pytest.mark.parametrize("words", ["CUDA error: unspecified launch failure", "no CUDA-capable device is detected"])
def test_a_device_that_vanishes_fails_the_job_with_a_sentence_and_it_goes_on_elsewhere(
    project, lead, monkeypatch, words
):
    made, _ = make.dataset(project, lead, ranked=False, each=70)  # two shards
    job = made.jobs.get(kind="rank")
    Job.objects.filter(pk=job.pk).update(parameters={"encoder": "pixels"})

    class Lost(Pixels):
        def encode(self, crops):
            if made.rankings.filter(embeddings__isnull=False).exists():
                raise RuntimeError(words)
            return super().encode(crops)

    monkeypatch.setitem(encoders.MAKERS, "pixels", lambda *_: Lost())
    failed = make.work(job)
    assert failed.state == Job.State.FAILED
    assert "The device" in failed.message and "resume" in failed.message.lower()
    assert made.rankings.get().embeddings.count() == 1 and made.rankings.get().done is False
    monkeypatch.setitem(encoders.MAKERS, "pixels", lambda *_: Pixels())
    jobs.resume(job=failed)
    assert make.work(job).state == Job.State.DONE
    assert made.rankings.get().embeddings.count() == 2


def test_an_encoder_that_gives_what_is_no_number_is_refused_and_nothing_is_laid_out(project, lead, monkeypatch):
    made, _ = make.dataset(project, lead, ranked=False)

    class Broken(Pixels):
        def encode(self, crops):
            vectors = super().encode(crops)
            vectors[-1, 0] = np.nan
            return vectors

    monkeypatch.setitem(encoders.MAKERS, "pixels", lambda *_: Broken())
    job = made.jobs.get(kind="rank")
    Job.objects.filter(pk=job.pk).update(parameters={"encoder": "pixels"})
    failed = make.work(job)
    assert failed.state == Job.State.FAILED and "not a number" in failed.message
    assert not LabelOrder.objects.exists()
