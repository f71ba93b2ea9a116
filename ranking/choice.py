"""By which encoder a dataset is ranked, and what that encoder is given of it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from django.conf import settings

from review.models import Dataset, Job
from review.operations import train
from review.storage import store

from . import device, embedder, encoders, own
from .crops_reader import Place


def encoder_of(job: Job) -> encoders.Encoder:
    """The encoder that the job names, else the user's own that the dataset was ranked by, else the one trained on this
    dataset, else the best that can be had; raises EncoderUnavailable."""
    dataset = job.dataset
    assert dataset is not None
    name = job.parameters.get("encoder") or last_own(dataset)
    if name.startswith(own.PREFIXES):
        return device.Steady(own.make(dataset, name))
    weights = job.parameters.get("weights") or train.trained(dataset)
    if weights and name in ("", "sortnet"):
        return device.Steady(encoders.sortnet.Sortnet(encoders.sortnet.from_bytes(store().get(weights))))
    if name:
        return device.Steady(encoders.make(name, settings.WEIGHTS_FOLDER, dataset.crop_pixels))
    return device.Steady(encoders.default(settings.WEIGHTS_FOLDER, dataset.crop_pixels))


def last_own(dataset: Dataset) -> str:
    last = dataset.ranking.encoder if dataset.ranking else ""
    return last if last.startswith(own.PREFIXES) else ""


def inputs(encoder: encoders.Encoder, places: list[Place], read: Callable[..., list[Any]]) -> list[Any]:
    """What the embedder takes of these objects: crops, or their ids where the user sent vectors; and smaller crops."""
    look, *shapes = embedder.sizes(encoder)
    if look:
        return read(places, (look, *shapes))
    return [np.array([place.id for place in places], np.int64), *read(places, shapes)]
