"""On a GPU the same comes out as on the processor, the same again each time; where its memory runs out it goes on."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from ranking import accelerator, device, logistic, network, training
from ranking.encoders import lpips, sortnet
from ranking.encoders.base import Crops, Encoder, Vectors
from ranking.kinds import nothing

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch finds no GPU on this machine.")


@pytest.fixture
def crops() -> Crops:
    """Blurred patches uint8 [3000, 32, 32, 3]: more than sortnet sends to a GPU at once."""
    coarse = torch.from_numpy(np.random.default_rng(3).integers(0, 256, (3000, 3, 5, 5)).astype(np.float32))
    smooth = torch.nn.functional.interpolate(coarse, (32, 32), mode="bilinear")
    return smooth.round().byte().permute(0, 2, 3, 1).contiguous().numpy()


@pytest.fixture
def little_memory() -> Iterator[None]:
    """A GPU on which there is room for a few megabytes more than is taken already."""
    torch.cuda.empty_cache()
    taken, whole = torch.cuda.memory_reserved(), torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction((taken + 48 * 2**20) / whole)
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)


def on_the_processor(monkeypatch: pytest.MonkeyPatch, module: object) -> None:
    monkeypatch.setattr(module, "device", lambda: torch.device("cpu"))


def turned(one: Vectors, other: Vectors) -> float:
    """The largest angle in degrees between rows of unit length."""
    return float(np.degrees(np.arccos(np.clip((one * other).sum(axis=1), -1, 1))).max())


def lpips_squeeze() -> Encoder:
    torch.manual_seed(5)
    features = lpips.NETS["squeeze"].features().to_empty(device="cpu")
    for parameter in features.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return lpips.Lpips("squeeze", features)


def test_the_gpu_is_found_and_computes_in_half_precision() -> None:
    assert accelerator.device().type == "cuda"
    with accelerator.half(accelerator.device()):
        assert (torch.ones(2, 2, device="cuda") @ torch.ones(2, 2, device="cuda")).dtype == torch.bfloat16


def test_sortnet_turns_a_vector_by_less_than_a_degree(crops: Crops, monkeypatch: pytest.MonkeyPatch) -> None:
    there = sortnet.Sortnet(sortnet.load()).encode(crops)
    on_the_processor(monkeypatch, sortnet)
    monkeypatch.setattr(sortnet, "half", lambda here: torch.autocast(here.type, enabled=False))
    assert turned(there, sortnet.Sortnet(sortnet.load()).encode(crops)) < 1


def test_lpips_measures_the_same_distances(crops: Crops, monkeypatch: pytest.MonkeyPatch) -> None:
    few = crops[:100].repeat(2, axis=1).repeat(2, axis=2)
    there = lpips_squeeze().encode(few)
    on_the_processor(monkeypatch, lpips)
    here = lpips_squeeze().encode(few)
    near, ours = (((vectors[1:] - vectors[:-1]) ** 2).sum(axis=1) for vectors in (here, there))
    np.testing.assert_allclose(ours, near, rtol=0.01)


def test_memory_that_runs_out_halves_the_batch_and_the_vectors_are_the_same(
    crops: Crops, request: pytest.FixtureRequest
) -> None:
    encoder = device.Steady(lpips_squeeze())
    few = crops[:512].repeat(2, axis=1).repeat(2, axis=2)
    plenty = encoder.encode(few)
    assert encoder.most == device.LARGEST
    request.getfixturevalue("little_memory")
    np.testing.assert_allclose(encoder.encode(few), plenty, atol=1e-3)
    assert encoder.most < lpips.BATCH


def test_training_ends_at_the_same_weights_each_time_and_halves_its_batch_where_memory_runs_out(
    request: pytest.FixtureRequest,
) -> None:
    plan = training.Plan(steps=8, batch=256, warm_up=2)
    drawn = training.Drawn(60, 3, backgrounds=64)

    def trained() -> training.Training:
        torch.manual_seed(1)
        course = training.Training(sortnet.Net(), drawn, plan)
        while not course.done:
            course.advance()
        return course

    one, other = trained(), trained()
    assert sortnet.version_of(one.net) == sortnet.version_of(other.net) and one.batch == 256
    del one, other
    request.getfixturevalue("little_memory")
    assert 2 <= trained().batch < 256


def test_classifiers_learn_there_what_they_learn_here(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 3, 600)
    middles = rng.standard_normal((3, 20))
    vectors = (middles[labels] + rng.standard_normal((600, 20))).astype(np.float32)
    shades = np.full((600, network.SIDE, network.SIDE, 3), 128) + rng.integers(-30, 30, (600, network.SIDE, 1, 3))
    shades[np.arange(600), :, 6:40, labels] += 60
    pictures, fold, weights = shades.clip(0, 255).astype(np.uint8), np.arange(600) % 5, np.ones(600, np.float32)
    seen = network.out_of_fold(pictures, labels, fold, weights, 0, nothing)
    assert (seen.argmax(axis=1) == labels).mean() > 0.95
    there = logistic.out_of_fold(vectors, labels, fold, weights, nothing)[np.arange(600)]
    on_the_processor(monkeypatch, logistic)
    here = logistic.out_of_fold(vectors, labels, fold, weights, nothing)[np.arange(600)]
    np.testing.assert_allclose(np.exp(there), np.exp(here), atol=0.01)
