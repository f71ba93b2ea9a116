"""How well scores tell wrong items from right ones."""

import numpy as np


def average_precision(wrong: np.ndarray, scores: np.ndarray) -> float:
    """The mean precision at each wrong item, the highest score first: bool [n] and float [n]."""
    ranked = wrong[np.argsort(-scores, kind="stable")]
    return float((np.cumsum(ranked) / np.arange(1, len(ranked) + 1))[ranked].mean())


def calibration_error(wrong: np.ndarray, scores: np.ndarray, bins: int = 15) -> float:
    """How far scores are from the share of wrong ones among their like, on average: bool [n] and probabilities [n]."""
    at = np.minimum((scores * bins).astype(int), bins - 1)
    gaps = np.abs(np.bincount(at, wrong - scores, minlength=bins))
    return float(gaps.sum() / len(scores))
