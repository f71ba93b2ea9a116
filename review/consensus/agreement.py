"""How far people agree: in all, by label, by pair of reviewers."""

from dataclasses import dataclass

import numpy as np

from .votes import AGAINST, Votes


@dataclass(frozen=True)
class Pairs:
    """n pairs of reviewers with items in common, arrays [n]. first < second: reviewers. common: items that both saw.
    alpha: Krippendorff's; flags: flag agreement; both NaN where there is nothing to tell them by."""

    first: np.ndarray
    second: np.ndarray
    common: np.ndarray
    alpha: np.ndarray
    flags: np.ndarray


def krippendorff_alpha(votes: Votes, items: int) -> float | None:
    """Krippendorff's alpha for two nominal values with missing data (Krippendorff 2004, chapter 11), or None where no
    item was looked at twice or nobody ever differed from anybody."""
    return number(alphas(votes, np.zeros(items, int), 1))


def flag_agreement(votes: Votes, items: int) -> float | None:
    """Of the pairs of looks at one item with at least one flag, the share where both flagged; None without any."""
    return number(flag_agreements(votes, np.zeros(items, int), 1))


def alphas(votes: Votes, label: np.ndarray, labels: int) -> np.ndarray:
    """float [labels]: Krippendorff's alpha of each label by itself, NaN where it is None. label: int [items]."""
    return alphas_of(Alike(label, *tallies(votes, len(label)), np.ones(len(label))), labels)


def flag_agreements(votes: Votes, label: np.ndarray, labels: int) -> np.ndarray:
    """float [labels]: flag agreement of each label by itself, NaN where nobody flagged. label: int [items]."""
    return flag_agreements_of(Alike(label, *tallies(votes, len(label)), np.ones(len(label))), labels)


@dataclass(frozen=True)
class Alike:
    """Items counted together where they are of one label and as many looks and flags: arrays [n]. label: int; looks:
    those that speak for or against; flags: of them, against; items: how many such items there are."""

    label: np.ndarray
    looks: np.ndarray
    flags: np.ndarray
    items: np.ndarray


def alphas_of(some: Alike, labels: int) -> np.ndarray:
    """float [labels], as alphas()."""
    pairable = some.looks >= 2
    label, looks, flags, items = (part[pairable] for part in (some.label, some.looks, some.flags, some.items))
    total, flagged = summed(label, items * looks, labels), summed(label, items * flags, labels)
    return alpha_of(summed(label, items * 2 * flags * (looks - flags) / (looks - 1), labels), flagged, total)


def flag_agreements_of(some: Alike, labels: int) -> np.ndarray:
    """float [labels], as flag_agreements()."""
    both = summed(some.label, some.items * some.flags * (some.flags - 1) / 2, labels)
    return ratio(both, both + summed(some.label, some.items * some.flags * (some.looks - some.flags), labels))


def by_pair(votes: Votes, reviewers: int) -> Pairs:
    """Each two reviewers who saw an item in common."""
    votes = votes.evidence()
    order = np.lexsort((votes.reviewer, votes.item))
    who, against = votes.reviewer[order], votes.said[order] == AGAINST
    left, right = pairs_within(votes.item[order])
    pair, number = np.unique(who[left] * reviewers + who[right], return_inverse=True)
    f, g = against[left].astype(float), against[right].astype(float)
    common, both, flagged = (summed(number, v, len(pair)) for v in (np.ones(len(f)), f * g, f + g))
    return pairs_of(pair // reviewers, pair % reviewers, common, flagged, both)


def pairs_of(first: np.ndarray, second: np.ndarray, common: np.ndarray, flagged: np.ndarray, both: np.ndarray) -> Pairs:
    """Of pairs that saw `common` items, flagged `flagged` times together and `both` of them both; arrays [n]."""
    return Pairs(
        first=first,
        second=second,
        common=common.astype(int),
        alpha=alpha_of(2 * (flagged - 2 * both), flagged, 2 * common),
        flags=ratio(both, flagged - both),
    )


def pairs_within(item: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(left, right): all pairs of rows with one item, `item` being sorted; one step for each look an item can have."""
    lefts, apart = [np.zeros(0, int)], 1
    while apart < len(item) and (same := item[apart:] == item[:-apart]).any():
        lefts.append(np.flatnonzero(same))
        apart += 1
    return np.concatenate(lefts), np.concatenate([left + k for k, left in enumerate(lefts)])


def tallies(votes: Votes, items: int) -> tuple[np.ndarray, np.ndarray]:
    """float [items] each: looks that speak for or against, and of them flags."""
    votes = votes.evidence()
    looks = np.bincount(votes.item, minlength=items).astype(float)
    return looks, np.bincount(votes.item, weights=(votes.said == AGAINST), minlength=items)


def alpha_of(differing: np.ndarray, flagged: np.ndarray, total: np.ndarray) -> np.ndarray:
    """One less the share of values that differ over the share that would by chance."""
    chance = ratio(2 * flagged * (total - flagged), total - 1)
    return np.where(chance > 0, 1 - ratio(differing, chance), np.nan)


def summed(row: np.ndarray, values: np.ndarray, rows: int) -> np.ndarray:
    return np.bincount(row, weights=values, minlength=rows)


def ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """above / below, NaN where there is nothing below."""
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)


def number(of_one: np.ndarray) -> float | None:
    return None if np.isnan(of_one[0]) else float(of_one[0])
