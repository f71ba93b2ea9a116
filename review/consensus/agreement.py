"""How far people agree."""

import numpy as np

from .votes import AGAINST, Votes


def krippendorff_alpha(votes: Votes, items: int) -> float | None:
    """Krippendorff's alpha for two nominal values with missing data (Krippendorff 2004, chapter 11), or None where no
    item was looked at twice or nobody ever differed from anybody."""
    votes = votes.evidence()
    looks = np.bincount(votes.item, minlength=items).astype(float)
    flags = np.bincount(votes.item, weights=(votes.said == AGAINST), minlength=items)
    pairable = looks >= 2
    looks, flags = looks[pairable], flags[pairable]
    total = looks.sum()
    if total < 2 or flags.sum() in (0, total):
        return None
    observed = (2 * flags * (looks - flags) / (looks - 1)).sum() / total
    expected = 2 * flags.sum() * (total - flags.sum()) / (total * (total - 1))
    return float(1 - observed / expected)


def flag_agreement(votes: Votes, items: int) -> float | None:
    """Of the pairs of looks at one item with at least one flag, the share where both flagged; None without any."""
    votes = votes.evidence()
    looks = np.bincount(votes.item, minlength=items).astype(float)
    flags = np.bincount(votes.item, weights=(votes.said == AGAINST), minlength=items)
    both = (flags * (flags - 1) / 2).sum()
    either = both + (flags * (looks - flags)).sum()
    return float(both / either) if either else None
