"""From what classifiers think of items to the probability that each item's label is wrong: one model of how labels err.

An object has one true label; its items (a family: frames of one object, near duplicates) share it. With `whole` the
family as a whole was given another label, and with `single` an item's label differs from its family's. A wrong label is
one that is taken for the right one, by the classifiers' own confusions, or any, with fixed chances. An item may be of
another kind than its family (`stray`) and then speaks for itself. What classifiers that never saw a family think of its
true label is their weighted log-probability, averaged over the family, times its size to the power of `joint`: 0 where
all frames tell the same, 1 where each tells something new. Classifiers that learned a label from few families may not
know all its looks: with the chance `novel`, over the square of their number, a family of that label looks like none of
them, and what they think says nothing against the label.

What people have settled is known (`right`): it says what its family is, and as the label that was first given stays the
evidence of how labels err, fixing errors does not make the rest look free of them.

Weights and rates are those under which the labels as given are most probable, each rate held by a wide normal prior on
its logit. So the labels themselves say whether errors come singly or by families, and which way of making families
explains them best.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from .encoders.base import Vectors
from .kinds import Ints, Tick, nothing
from .tables import Table

# Mean and standard deviation of each rate's logit.
PRIORS = {
    "whole": (-4.0, 1.5),
    "single": (-4.0, 1.5),
    "stray": (-3.0, 2.0),
    "joint": (-1.0, 1.5),
    "novel": (-2.0, 1.5),
}
# The chance that a wrong label is a look-alike of the right one. Fitted, it would rise until weak classifiers' own
# mistakes passed for wrong labels, as both look the same; what gives wrong labels away is that any may turn up.
ALIKE = 0.3
WEIGHTS = 2.0  # standard deviation of the classifiers' log-weights around equal shares
BLOCK = 2**22  # numbers in a block of probabilities; the fit takes no more items than that
STEPS = 60  # of L-BFGS
FLOOR = 1e-6  # what is left to any label, however sure the classifiers are


@dataclass(frozen=True)
class Heard:
    """What there is to go by, of n items and k labels."""

    thought: Sequence[Table]  # log-probabilities float32 [n, k] by each classifier out of fold
    labels: Ints  # [n], as first given, in 0..k-1
    right: Ints  # [n], the right labels of what is settled, else -1
    fold: Ints  # [n]
    taught: npt.NDArray[np.float64]  # [folds, k], of how many families of a label a fold's classifiers learned

    def only(self, rows: Ints) -> "Heard":
        thought = [part[rows] for part in self.thought]
        return Heard(thought, self.labels[rows], self.right[rows], self.fold[rows], self.taught)

    def by(self, families: Ints) -> "Part":
        """All of it, heard by families [n], each of which lies in one fold."""
        labels, right, fold = (torch.from_numpy(part) for part in (self.labels, self.right, self.fold))
        family = torch.from_numpy(np.unique(families, return_inverse=True)[1])
        folds = torch.zeros(int(family.max()) + 1, dtype=torch.long).scatter(0, family, fold)
        unlike = torch.from_numpy(1 / self.taught.clip(min=1) ** 2)[folds]
        thought = [torch.from_numpy(part[:]).double() for part in self.thought]
        return Part(thought, labels, right, family, unlike)


@dataclass(frozen=True)
class Part:
    """What a model is fitted to or judges at once, of n items in f families."""

    thought: list[Tensor]  # [n, k] by each classifier
    labels: Tensor  # [n]
    right: Tensor  # [n]
    family: Tensor  # [n], in 0..f-1
    unlike: Tensor  # [f, k], the chance of `novel` is to be multiplied by this


class Model:
    """The rates and weights, fitted by `fit`; labels are numbers in 0..k-1."""

    def __init__(self, classifiers: int, k: int) -> None:
        self.k = k
        self.rates = {name: torch.tensor(mean, dtype=torch.float64) for name, (mean, _) in PRIORS.items()}
        self.weights = torch.full((classifiers,), -float(np.log(classifiers)), dtype=torch.float64)
        self.confused = (1 - torch.eye(k, dtype=torch.float64)) / max(k - 1, 1)
        self.share = torch.full((k,), 1 / k, dtype=torch.float64)
        self.likelihood = -np.inf

    def fit(self, part: Part) -> "Model":
        """Maximum a posteriori."""
        self.share = torch.bincount(part.labels, minlength=self.k) / len(part.labels)
        for _ in range(2):  # the confusions are taken under the weights of the round before
            mixed = torch.log_softmax(mix(self.weights, part.thought), dim=1)
            self.confused = confusions(mixed, part.labels, self.k)
            self.climb(part)
        return self

    def climb(self, part: Part) -> None:
        parameters = [*self.rates.values(), self.weights]
        for parameter in parameters:
            parameter.requires_grad_(True)
        solver = torch.optim.LBFGS(parameters, max_iter=STEPS, line_search_fn="strong_wolfe")

        def loss() -> Tensor:
            solver.zero_grad()
            terms = self.terms(part)
            likelihood = (terms.joint.sum(dim=1).log() + terms.top).sum()
            self.likelihood = float(likelihood.detach())
            value = (self.penalty() - likelihood) / len(part.labels)
            value.backward()
            return value

        solver.step(loss)
        for parameter in parameters:
            parameter.requires_grad_(False)

    def penalty(self) -> Tensor:
        held = [((self.rates[name] - mean) / spread) ** 2 for name, (mean, spread) in PRIORS.items()]
        return (torch.stack(held).sum() + ((self.weights / WEIGHTS) ** 2).sum()) / 2

    def terms(self, part: Part) -> "Terms":
        labels, family, right = part.labels, part.family, part.right
        rate = {name: torch.sigmoid(value) for name, value in self.rates.items()}
        mixed = torch.log_softmax(mix(self.weights, part.thought), dim=1)
        sizes = torch.bincount(family).to(mixed.dtype)[:, None]
        shape = len(sizes), self.k
        mean = mixed.new_zeros(shape).index_add(0, family, mixed) / sizes
        prior = torch.softmax(mean * sizes ** rate["joint"], dim=1) * (1 - FLOOR) + FLOOR / self.k
        prior = prior + rate["novel"] * part.unlike * (self.share - prior)
        prior = prior / prior.sum(dim=1, keepdim=True)
        wrong = ALIKE * self.confused + (1 - ALIKE) / (self.k - 1)
        wrong = wrong * (1 - torch.eye(self.k, dtype=wrong.dtype))
        stray = torch.where(sizes[family] > 1, rate["stray"], torch.zeros_like(rate["stray"]))
        same = functional.one_hot(labels, self.k).to(mixed.dtype)
        kin = (1 - stray) * ((1 - rate["single"]) * same + rate["single"] * wrong.T[labels])
        mended = ((right >= 0) & (right != labels))[:, None]  # what was fixed was no stray that had its right label
        item = kin + torch.where(mended, 0.0, stray * mixed.exp().gather(1, labels[:, None]))
        given = mixed.new_zeros(shape).index_add(0, family, item.log())
        top = given.amax(dim=1)
        given = (given - top[:, None]).exp()
        prior, least = pinned(prior, mixed, family, right, stray)
        top = top + least
        joint = prior * ((1 - rate["whole"]) * given + rate["whole"] * (given @ wrong.T))
        return Terms(rate["whole"], prior, wrong, kin / item, given, joint, top)

    def judge(self, part: Part) -> Tensor:
        """The probability [n, k] that an item's label is wrong and that one the right one; 0 at the own, and of what is
        settled."""
        terms = self.terms(part)
        prior = (terms.prior / terms.joint.sum(dim=1, keepdim=True))[part.family]
        given = terms.given[part.family] * terms.kin
        true = prior * ((1 - terms.whole) * given + terms.whole * (given @ terms.wrong.T))
        return true.scatter(1, part.labels[:, None], 0) * (part.right < 0)[:, None]


@dataclass(frozen=True)
class Terms:
    """The parts of the likelihood: of f families, n items and k labels."""

    whole: Tensor
    prior: Tensor  # [f, k], of the true label before any label as given was seen
    wrong: Tensor  # [k, k], which label (column) a wrong one is when this (row) were right
    kin: Tensor  # [n, k], that the item is no stray, when its family was given this label
    given: Tensor  # [f, k], the likelihood of the labels as given when the family was given this, up to exp(top)
    joint: Tensor  # [f, k], of the true label and the labels as given, up to exp(top)
    top: Tensor  # [f]


def pinned(prior: Tensor, mixed: Tensor, family: Tensor, right: Tensor, stray: Tensor) -> tuple[Tensor, Tensor]:
    """The prior [f, k] of what each family is times how well that agrees with its settled items, and the logarithm [f]
    that was taken out of it: an item has its family's label, or is a stray that speaks for itself."""
    rows = torch.nonzero(right >= 0)[:, 0]
    if not len(rows):
        return prior, prior.new_zeros(len(prior))
    truth = right[rows][:, None]
    same = torch.zeros_like(mixed[rows]).scatter(1, truth, 1.0)
    agrees = (1 - stray[rows]) * same + stray[rows] * mixed[rows].exp().gather(1, truth) + FLOOR
    held = prior.log().index_add(0, family[rows], agrees.log())
    least = held.amax(dim=1)
    return (held - least[:, None]).exp(), least


def mix(weights: Tensor, thought: list[Tensor]) -> Tensor:
    return torch.stack([weight.exp() * part for weight, part in zip(weights, thought, strict=True)]).sum(dim=0)


def confusions(mixed: Tensor, labels: Tensor, k: int) -> Tensor:
    """[k, k]: for items of a label (row), how probable each other is on average, adding up to 1."""
    total = mixed.new_zeros(k, k).index_add(0, labels, mixed.exp())
    total.fill_diagonal_(0)
    return (total + FLOOR) / (total + FLOOR).sum(dim=1, keepdim=True)


def explain(heard: Heard, families: list[Ints], seed: int = 0, tick: Tick = nothing) -> "Explanation":
    """Fit the model once for each way of making families [n], and keep the one that explains the labels best.

    Every way's families must lie within those of the first.
    """
    k = heard.thought[0].shape[1]
    sample = whole_families(families[0], max(BLOCK // k, 2), seed)
    few, models = heard.only(sample), []
    for way in families:
        tick()
        models.append(Model(len(heard.thought), k).fit(few.by(way[sample])))
    best = int(np.argmax([model.likelihood for model in models]))
    return Explanation(models[best], heard, families[best])


@dataclass(frozen=True)
class Explanation:
    """A fitted model and what it is to judge."""

    model: Model
    heard: Heard
    family: Ints

    @property
    def weights(self) -> npt.NDArray[np.float64]:
        """Of the classifiers' log-probabilities."""
        found: npt.NDArray[np.float64] = self.model.weights.exp().numpy()
        return found

    def judge(self, tick: Tick) -> Iterator[tuple[Ints, Vectors]]:
        """In blocks of whole families: rows, and the probability [rows, k] that each other label is the right one."""
        for rows in blocks(self.family, max(BLOCK // self.model.k, 1)):
            tick()
            yield rows, self.model.judge(self.heard.only(rows).by(self.family[rows])).float().numpy()


def whole_families(families: Ints, size: int, seed: int) -> Ints:
    """Rows of families drawn at random, whole, until there are `size` or nearly; all of them where they are fewer."""
    if len(families) <= size:
        return np.arange(len(families))
    _, family, counts = np.unique(families, return_inverse=True, return_counts=True)
    drawn = np.random.default_rng(seed).permutation(len(counts))
    taken = drawn[: max(1, int(np.searchsorted(np.cumsum(counts[drawn]), size)))]
    return np.flatnonzero(np.isin(family, taken))


def blocks(families: Ints, size: int) -> list[Ints]:
    """All rows in blocks of whole families, each of `size` rows and one family at most."""
    order = np.argsort(families, kind="stable")
    starts = np.flatnonzero(np.diff(families[order], prepend=families[order[0]] - 1))
    cuts, last = [], 0
    for start in starts.tolist():
        if start - last >= size:
            cuts.append(start)
            last = start
    return np.split(order, cuts)
