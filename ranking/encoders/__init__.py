"""The encoders by name. A maker takes the folder of weights, "" for none, and the side in pixels of the crops that it
is to see, which those follow that can; it may raise EncoderUnavailable."""

from collections.abc import Callable

from . import lpips, pixels, sortnet
from .base import Encoder, EncoderUnavailable

__all__ = ["MAKERS", "Encoder", "EncoderUnavailable", "default", "make"]

MAKERS: dict[str, Callable[[str, int], Encoder]] = {
    **{f"lpips-{net}": lpips.maker(net) for net in lpips.NETS},
    "sortnet": sortnet.maker,
    "pixels": lambda folder, crop_pixels: pixels.Pixels(),
}
CROP_PIXELS = 128  # of a dataset that asks for no other
BEST_FIRST = ("lpips-squeeze", "sortnet")


def make(name: str, folder: str = "", crop_pixels: int = CROP_PIXELS) -> Encoder:
    """The encoder of this name; EncoderUnavailable where there is none or its weights cannot be had."""
    if name not in MAKERS:
        raise EncoderUnavailable(f"There is no encoder {name!r}. Choose one of {', '.join(MAKERS)}.")
    return MAKERS[name](folder, crop_pixels)


def default(folder: str = "", crop_pixels: int = CROP_PIXELS) -> Encoder:
    """The best encoder whose weights can be had; plain pixels need none."""
    for name in BEST_FIRST:
        try:
            return make(name, folder, crop_pixels)
        except EncoderUnavailable:
            continue
    return make("pixels")
