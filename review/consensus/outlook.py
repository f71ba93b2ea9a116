"""What a campaign is going to take and leave, before anybody looks: people who are not known look at made-up items.

An item is wrong with the probability that the prior gives it; whoever looks is as good as the fit takes somebody
unknown to be; and what follows is what the posterior and the policy make of it, as in the campaign itself. So the
outlook is as good as the prior and those beliefs are, and no better.
"""

from dataclasses import dataclass

import numpy as np

from . import calibration, policy, posterior
from .calibration import Prior
from .fit import NODE_WEIGHTS, Fit
from .policy import Policy, State
from .votes import AGAINST, FOR, Votes, logit, sigmoid

ANYBODY = 0


@dataclass(frozen=True)
class Outlook:
    """Shares of the items: wrong before and after (`fixed` and right ones, and wrong ones taken for clean, are errors
    left; what a supervisor decides is taken to be right), fixed, and sent to a supervisor; and looks an item."""

    before: float
    left: float
    fixed: float
    disputed: float
    looks: float


@dataclass
class Looks:
    """What was said of each of n made-up items, int [n], and how hard each is if it is wrong, int [n] of NODES."""

    hard: np.ndarray
    counted: np.ndarray
    against: np.ndarray
    named: np.ndarray  # how many of those against named the right label

    def votes(self) -> Votes:
        items = np.arange(len(self.counted))
        flagged, passed = np.repeat(items, self.against), np.repeat(items, self.counted - self.against)
        said = np.repeat(np.array([AGAINST, FOR], np.int8), [len(flagged), len(passed)])
        item = np.concatenate([flagged, passed])
        return Votes(item, np.full(len(item), ANYBODY), said)


def outlook(prior: Prior, audited: np.ndarray, rules: Policy, fit: Fit, labels: int, seed: int) -> Outlook:
    """prior: of a sample of the items; audited: bool [n]; labels: how many an item may have. The same seed gives the
    same outlook."""
    random = np.random.default_rng([seed, 5])
    n = len(prior.p)
    odds = calibration.log_odds(fit, prior)
    wrong = random.random(n) < sigmoid(odds)
    looks = Looks(random.choice(len(NODE_WEIGHTS), n, p=NODE_WEIGHTS), *np.zeros((3, n), int))
    first = np.maximum(rules.first_looks(prior.p, audited), np.isin(prior.label, fit.raised))
    state, probability, wanted = judged(looks, first, odds, rules, fit, labels)
    while (more := wanted - looks.counted).any():
        for turn in range(int(more.max())):
            look(looks, np.flatnonzero(more > turn), wrong, fit, random)
        state, probability, wanted = judged(looks, first, odds, rules, fit, labels)
    fixed, sent = state == State.FIX, np.isin(state, [State.DISPUTED, State.UNCLEAR])
    left = np.where(fixed, 1 - probability, np.where(sent, 0.0, probability))
    return Outlook(*(float(share.mean()) for share in (sigmoid(odds), left, fixed, sent, looks.counted)))


def look(looks: Looks, at: np.ndarray, wrong: np.ndarray, fit: Fit, random: np.random.Generator) -> None:
    """Somebody unknown looks at each of these items once."""
    hits, passes = fit.rates()
    flags = random.random(len(at)) < np.where(wrong[at], hits[-1][looks.hard[at]], 1 - passes[-1])
    names = flags & wrong[at] & (random.random(len(at)) < fit.label_accuracy)
    looks.counted[at] += 1
    looks.against[at] += flags
    looks.named[at] += names


def judged(
    looks: Looks, first: np.ndarray, odds: np.ndarray, rules: Policy, fit: Fit, labels: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(the state of each item, the probability that it is wrong, how many looks it is worth)."""
    none = np.zeros(len(odds), int)
    ratio, _ = posterior.Looks(looks.votes(), len(odds), len(fit.reviewers)).weigh(fit)
    probability = sigmoid(odds + ratio)
    tally = policy.Tally(first, looks.counted, looks.against, none, none, probability, certainty(looks, fit, labels))
    state = policy.states(rules, tally)
    return state, probability, policy.wanted(rules, state, tally, none)


def certainty(looks: Looks, fit: Fit, labels: int) -> np.ndarray:
    """float [n]: how probable the label is that most name, each who errs naming one of their own."""
    others = max(labels - 2, 1)
    gain = logit(fit.label_accuracy) + np.log(others)
    astray = looks.against - looks.named
    best = np.maximum(looks.named, np.minimum(astray, 1))
    rest = astray - (looks.named < best)
    weight = np.exp(gain * best)
    whole = weight + rest * np.exp(gain) + np.maximum(others - rest, 0)
    return np.where(looks.against > 0, weight / whole, 0.0)
