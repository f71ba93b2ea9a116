"""sortnet: what its vectors promise, how its weights are read, and what its training keeps."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ranking import drawn_objects, encoders, training, views
from ranking.encoders import sortnet

FAMILIES = 24


@pytest.fixture(scope="module")
def shipped() -> sortnet.Sortnet:
    return sortnet.maker("")


@pytest.fixture(scope="module")
def drawn() -> training.Drawn:
    return training.Drawn(FAMILIES, seed=5, backgrounds=16)


def crops(n: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (n, sortnet.PIXELS, sortnet.PIXELS, 3), dtype=np.uint8)


def test_the_shipped_weights_are_two_megabytes_or_less_and_say_how_they_were_made() -> None:
    assert sortnet.WEIGHTS.stat().st_size <= 2_000_000
    made = sortnet.provenance()
    assert made["command"].startswith("python -m ranking.training") and {"seed", "steps", "machine"} <= set(made)


@pytest.mark.parametrize("n", [0, 1, 2, 130])
def test_vectors_have_unit_length_whatever_the_number_of_crops(shipped: sortnet.Sortnet, n: int) -> None:
    vectors = shipped.encode(crops(n))
    assert vectors.shape == (n, shipped.dim) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_crop_has_the_same_vector_alone_and_among_others(shipped: sortnet.Sortnet) -> None:
    pictures = crops(70)
    together = shipped.encode(pictures)
    assert np.array_equal(together, shipped.encode(pictures))
    assert np.allclose(together[69:], shipped.encode(pictures[69:]), atol=1e-5)


def test_blank_and_grey_crops_have_finite_vectors_and_light_changes_little(shipped: sortnet.Sortnet) -> None:
    grey = np.repeat(crops(1)[..., :1], 3, axis=3) // 2
    vectors = shipped.encode(np.concatenate([np.zeros_like(grey), grey, grey + 60]))
    assert np.isfinite(vectors).all()
    assert np.abs(vectors[1] - vectors[2]).max() < 1e-3


def test_folding_the_batch_norm_changes_nothing(shipped: sortnet.Sortnet) -> None:
    seen = torch.from_numpy(crops(5)).permute(0, 3, 1, 2).float() / 255
    with torch.inference_mode():
        expected = sortnet.load().eval()(seen)
        assert torch.allclose(shipped.net(seen), expected, atol=1e-4)


def test_half_precision_hardly_turns_a_vector(shipped: sortnet.Sortnet) -> None:
    """Where the processor does not compute in it, nothing is turned."""
    pictures = crops(70)
    with torch.inference_mode():
        single = shipped.net(torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255).numpy()
    assert (shipped.encode(pictures) * single).sum(axis=1).min() > 0.999


def test_views_of_an_object_lie_nearer_than_its_sisters(shipped: sortnet.Sortnet) -> None:
    """On objects drawn by another seed than it was trained with. A drawn family has eight members alike in style."""
    source = training.Drawn(FAMILIES, seed=990, backgrounds=64)
    seen = source(8 * FAMILIES, views.Chance().manual_seed(4))
    pictures = (seen * 255).byte().permute(0, 2, 3, 1).numpy()
    one, other = np.split(shipped.encode(pictures), 2)
    found = (one @ other.T).argmax(axis=1)
    assert (found == np.arange(len(found))).mean() > 0.5
    pixels = pictures.reshape(len(pictures), -1).astype(np.float32)
    pixels = (pixels - pixels.mean(1, keepdims=True)) / pixels.std(1, keepdims=True)
    alike = (pixels[: len(one)] @ pixels[len(one) :].T).argmax(axis=1) == np.arange(len(one))
    assert (found == np.arange(len(found))).mean() > 1.3 * alike.mean()


def test_the_version_is_that_of_the_weights(shipped: sortnet.Sortnet) -> None:
    same = sortnet.Sortnet(sortnet.from_bytes(sortnet.WEIGHTS.read_bytes()))
    assert same.version == shipped.version and encoders.make("sortnet").version == shipped.version
    other = sortnet.load()
    with torch.no_grad():
        other.last.weight[0, 0] += 0.5
    assert sortnet.version_of(other) != shipped.version


def test_stored_weights_come_back_with_the_same_version(tmp_path: Path) -> None:
    net = sortnet.load()
    file = tmp_path / "again.safetensors"
    file.write_bytes(sortnet.to_bytes(net, {"command": "none"}))
    assert sortnet.version_of(sortnet.load(file)) == sortnet.version_of(net)


def test_missing_and_broken_and_foreign_weights_are_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(encoders.EncoderUnavailable, match="lacks its weights.*python -m ranking.training"):
        sortnet.load(tmp_path / "none.safetensors")
    with pytest.raises(encoders.EncoderUnavailable, match="no weights of sortnet"):
        sortnet.from_bytes(sortnet.WEIGHTS.read_bytes()[:5000])
    import safetensors.torch

    with pytest.raises(encoders.EncoderUnavailable, match="another network"):
        sortnet.from_bytes(safetensors.torch.save({"else": torch.zeros(3)}))


def plan(**fields: object) -> training.Plan:
    return training.Plan(**{"steps": 12, "batch": 48, "warm_up": 2, **fields})  # type: ignore[arg-type]


def trained(source: training.Source, steps: int, made: training.Plan) -> training.Training:
    torch.manual_seed(1)
    course = training.Training(sortnet.Net(), source, made)
    while course.step < steps:
        course.advance()
    return course


def test_training_lowers_the_loss_and_the_same_seed_ends_at_the_same_weights(drawn: training.Drawn) -> None:
    torch.manual_seed(1)
    course = training.Training(sortnet.Net(), drawn, plan())
    losses = [course.advance() for _ in range(12)]
    assert np.mean(losses[-3:]) < np.mean(losses[:3]) - 0.3
    assert sortnet.version_of(course.net) == sortnet.version_of(trained(drawn, 12, plan()).net)
    assert sortnet.version_of(course.net) != sortnet.version_of(trained(drawn, 12, plan(seed=2)).net)


def test_a_training_cut_off_and_restored_ends_where_it_would_have_come(drawn: training.Drawn) -> None:
    whole = trained(drawn, 12, plan())
    kept = trained(drawn, 5, plan()).to_bytes()
    rest = training.Training(sortnet.Net(), drawn, plan())
    rest.restore(kept)
    while not rest.done:
        rest.advance()
    assert rest.step == 12 and sortnet.version_of(rest.net) == sortnet.version_of(whole.net)
    with pytest.raises(ValueError, match="another training"):
        training.Training(sortnet.Net(), drawn, plan(seed=3)).restore(kept)


def test_where_memory_runs_out_the_batch_is_halved_and_stays_so(drawn: training.Drawn) -> None:
    asked = []

    def scarce(count: int, chance: views.Chance) -> torch.Tensor:
        asked.append(count)
        if count > 12:
            raise torch.OutOfMemoryError("no room")
        return drawn(count, chance)

    course = training.Training(sortnet.Net(), scarce, plan())
    course.advance()
    course.advance()
    assert asked == [48, 24, 12, 12] and course.batch == 12 and course.step == 2


def test_memory_that_suffices_for_nothing_is_an_error(drawn: training.Drawn) -> None:
    def none(count: int, chance: views.Chance) -> torch.Tensor:
        raise torch.OutOfMemoryError("no room")

    with pytest.raises(torch.OutOfMemoryError):
        training.Training(sortnet.Net(), none, plan()).advance()


def test_a_seed_draws_the_same_objects_and_another_draws_others() -> None:
    one = drawn_objects.draw_families(3, 7)
    assert one.shape == (3, drawn_objects.MEMBERS, drawn_objects.SIDE, drawn_objects.SIDE, 4)
    assert np.array_equal(one, drawn_objects.draw_families(3, 7))
    assert not np.array_equal(one, drawn_objects.draw_families(3, 8))
    assert (one[..., 3].reshape(24, -1) > 0).mean(axis=1).min() > 0.02


def test_views_are_pictures_and_are_never_mirrored() -> None:
    """The left half of the object is white, its right half black: so it is in each view, but for light and blur."""
    half = np.zeros((1, 64, 64, 4), np.uint8)
    half[..., 3] = 255
    half[:, :, :32, :3] = 255
    objects = torch.from_numpy(np.repeat(half, 200, axis=0))
    backgrounds = torch.zeros(1, 64, 64, 3, dtype=torch.uint8)
    for seen in (
        views.view(objects, backgrounds, 40, views.Chance().manual_seed(1)),
        views.view_of_photo(objects[..., :3], 40, views.Chance().manual_seed(1)),
    ):
        assert seen.shape == (200, 3, 40, 40) and float(seen.min()) >= 0 and float(seen.max()) <= 1
        left, right = seen[..., 8:32, 5:14].mean(dim=(1, 2, 3)), seen[..., 8:32, 26:35].mean(dim=(1, 2, 3))
        assert (left > right).float().mean() > 0.98


def frames() -> training.Frames:
    """Forty crops in ten families of one, two, four or more, with vectors of which the first number is the family."""
    families = np.repeat(np.arange(10), [1, 1, 2, 2, 4, 4, 6, 6, 7, 7])
    vectors = np.eye(10, dtype=np.float32)[families] + 0.01
    return training.Frames(
        np.random.default_rng(1).integers(0, 255, (40, 48, 48, 3), dtype=np.uint8), families, vectors
    )


def test_two_frames_of_a_family_are_seen_and_pulled_to_what_the_family_is_on_the_whole() -> None:
    source = frames()
    for seed in range(20):
        seen, wanted = source(8, views.Chance().manual_seed(seed))
        assert seen.shape == (16, 3, sortnet.PIXELS, sortnet.PIXELS) and wanted.shape == (16, 10)
        assert torch.equal(wanted[:8], wanted[8:]) and torch.allclose(wanted.norm(dim=1), torch.ones(16))
        assert len(wanted[:8].argmax(dim=1).unique()) == 8  # each family once
        assert torch.equal(seen, source(8, views.Chance().manual_seed(seed))[0])


def test_going_on_keeps_the_statistics_and_comes_nearer_to_what_is_wanted(drawn: training.Drawn) -> None:
    net, seen = sortnet.load(), np.random.default_rng(2).integers(0, 255, (40, 48, 48, 3), dtype=np.uint8)
    vectors = sortnet.maker("").encode(seen[:, 8:40, 8:40])
    course = training.Further(net, training.Frames(seen, np.arange(40), vectors), drawn, plan(steps=8, rate=1e-3))
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    losses = [course.advance() for _ in range(8)]
    after = net.state_dict()
    assert min(losses[-3:]) < losses[0]
    assert all(torch.equal(after[name], before[name]) for name in before if "running" in name)
    assert not torch.equal(after["last.weight"], before["last.weight"])
