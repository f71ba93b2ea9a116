"""What was said: one row a look, as index arrays."""

from dataclasses import dataclass

import numpy as np

AGAINST, FOR, NEITHER = 1, 0, -1


@dataclass(frozen=True)
class Votes:
    """n looks. `item` and `reviewer` are int arrays [n] of indices from 0; `said` int8 [n] holds AGAINST the label,
    FOR it, or NEITHER (somebody who cannot tell gives no evidence)."""

    item: np.ndarray
    reviewer: np.ndarray
    said: np.ndarray

    @classmethod
    def of(cls, rows: list[tuple[int, int, int]]) -> "Votes":
        """From (item, reviewer, said) rows."""
        table = np.array(rows, dtype=np.int64).reshape(-1, 3)
        return cls(table[:, 0], table[:, 1], table[:, 2].astype(np.int8))

    def evidence(self) -> "Votes":
        """Only the looks that speak for or against."""
        keep = self.said != NEITHER
        return Votes(self.item[keep], self.reviewer[keep], self.said[keep])


def logit(p: np.ndarray | float) -> np.ndarray:
    p = np.clip(np.asarray(p, float), 1e-6, 1 - 1e-6)
    return np.log(p) - np.log1p(-p)


def sigmoid(x: np.ndarray | float) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(x, float)))
