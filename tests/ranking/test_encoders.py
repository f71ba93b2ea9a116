"""LPIPS vectors are LPIPS; weights are found where the user put them, and their lack is said in a sentence, soon."""

import pickle
import socket
import time
import warnings
from pathlib import Path

import lpips as reference
import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from scipy.stats import spearmanr
from torch import nn

from ranking import encoders
from ranking.encoders import lpips
from ranking.encoders.pixels import Pixels


def crops(n: int, side: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (n, side, side, 3), dtype=np.uint8)


def reference_net(net: str) -> reference.LPIPS:
    torch.manual_seed(5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return reference.LPIPS(net=net, pnet_rand=True, verbose=False)


def layers_of(made: reference.LPIPS) -> nn.Sequential:
    parts = [getattr(made.net, f"slice{k}") for k in range(1, made.L + 1)]
    return nn.Sequential(*[layer for part in parts for layer in part])


@pytest.mark.parametrize("net", ["squeeze", "alex", "vgg"])
def test_the_squared_distance_of_two_vectors_is_their_lpips_distance(net: str) -> None:
    made = reference_net(net)
    for side in (64, 128):
        pictures = crops(3, side)
        vectors = lpips.Lpips(net, layers_of(made), side, pooled=False).encode(pictures).astype(np.float64)
        ours = ((vectors[:, None] - vectors) ** 2).sum(axis=2)
        tensors = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1
        with torch.inference_mode():
            theirs = made(tensors, tensors.roll(1, 0)).flatten().numpy()
        assert np.abs(ours[[0, 1, 2], [2, 0, 1]] - theirs).max() < 1e-5
        assert ours[0, 1] > 0.01


@pytest.mark.parametrize("net", ["squeeze", "alex", "vgg"])
def test_layers_averaged_over_cells_keep_who_is_near_whom(net: str) -> None:
    made = layers_of(reference_net(net))
    coarse = np.random.default_rng(3).integers(0, 255, (24, 4, 4, 3), dtype=np.uint8)
    pictures = np.stack([np.asarray(Image.fromarray(c).resize((64, 64), Image.Resampling.BICUBIC)) for c in coarse])
    exact, pooled = (lpips.Lpips(net, made, 64, pooled=flag) for flag in (False, True))
    assert pooled.dim < exact.dim / 2 and pooled.version != exact.version
    upper = np.triu_indices(len(pictures), 1)
    near, ours = (squares(encoder.encode(pictures))[upper] for encoder in (exact, pooled))
    assert spearmanr(near, ours).statistic > 0.98


def squares(vectors: np.ndarray) -> np.ndarray:
    return ((vectors[:, None] - vectors) ** 2).sum(axis=2)


@pytest.fixture
def squeezenet() -> nn.Module:
    torch.manual_seed(7)
    return torchvision.models.squeezenet1_1(weights=None)


def test_weights_are_taken_from_the_users_folder_whole_or_features_alone(tmp_path: Path, squeezenet: nn.Module) -> None:
    whole, features = tmp_path / "whole", tmp_path / "features"
    whole.mkdir()
    features.mkdir()
    torch.save(squeezenet.state_dict(), whole / "squeezenet1_1-b8a52dc0.pth")
    torch.save(squeezenet.features.state_dict(), features / "squeezenet1_1-features.pth")
    one, other = (encoders.make("lpips-squeeze", str(folder)) for folder in (whole, features))
    assert one.version == other.version
    assert np.array_equal(one.encode(crops(3, 64)), other.encode(crops(3, 64)))
    assert encoders.default(str(whole)).name == "lpips-squeeze"


def test_other_weights_are_another_version(tmp_path: Path, squeezenet: nn.Module) -> None:
    torch.save(squeezenet.features.state_dict(), tmp_path / "squeezenet1_1.pth")
    before = encoders.make("lpips-squeeze", str(tmp_path)).version
    squeezenet.features[0].bias.data += 0.1
    torch.save(squeezenet.features.state_dict(), tmp_path / "squeezenet1_1.pth")
    assert encoders.make("lpips-squeeze", str(tmp_path)).version != before


def test_large_crops_are_seen_at_128_pixels_so_that_fine_detail_tells(tmp_path: Path, squeezenet: nn.Module) -> None:
    torch.save(squeezenet.features.state_dict(), tmp_path / "squeezenet1_1.pth")
    usual, large = (encoders.make("lpips-squeeze", str(tmp_path), side) for side in (128, 256))
    assert (usual.pixels, large.pixels) == (64, 128) and usual.version != large.version
    lines = np.tile(np.array([[0, 255], [0, 255]], np.uint8), (64, 64))
    fine = [Image.fromarray(np.repeat(lines[..., None], 3, axis=2)), Image.new("RGB", (128, 128), (128, 128, 128))]

    def apart(encoder: encoders.Encoder) -> float:
        seen = np.stack([np.asarray(one.resize((encoder.pixels,) * 2, Image.Resampling.BICUBIC)) for one in fine])
        return float(squares(encoder.encode(seen))[0, 1])

    assert apart(large) > 10 * apart(usual)


class Trap:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return Path.touch, (self.path,)


def test_a_weights_file_that_would_run_code_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    (tmp_path / "squeezenet1_1-b8a52dc0.pth").write_bytes(pickle.dumps(Trap(sprung), protocol=2))
    with pytest.raises(encoders.EncoderUnavailable, match="could not be read as weights"):
        encoders.make("lpips-squeeze", str(tmp_path))
    assert not sprung.exists()


@pytest.fixture
def silent_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A network that takes every connection and never answers, and no download of old."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{server.getsockname()[1]}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        before = torch.hub.get_dir()
        torch.hub.set_dir(str(tmp_path / "hub"))
        yield
        torch.hub.set_dir(before)


def test_without_weights_and_network_a_sentence_comes_within_seconds(silent_network: None) -> None:
    started = time.monotonic()
    with pytest.raises(encoders.EncoderUnavailable, match="put alexnet.* into the folder that MLFIX_WEIGHTS names"):
        encoders.make("lpips-alex")
    assert encoders.default().name == "sortnet"
    assert time.monotonic() - started < 8


def test_an_unknown_encoder_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(encoders.EncoderUnavailable, match="Choose one of lpips-squeeze"):
        encoders.make("nothing")


def test_pixels_do_not_see_light_or_contrast() -> None:
    dark = crops(2, 16) // 3
    light = dark * 2 + 40
    assert np.allclose(Pixels().encode(dark), Pixels().encode(light.astype(np.uint8)), atol=1e-5)


def test_a_blank_crop_has_a_finite_vector() -> None:
    assert np.isfinite(Pixels().encode(np.zeros((1, 16, 16, 3), np.uint8))).all()
