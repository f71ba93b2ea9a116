"""How wrong one person leaves the labels whose word alone decides: what they overlooked, and what they mended though it
was right.

Known are what they flagged; how many planted errors they found; and second looks that they gave without being told: at
a random share of what they flagged, and at a random sample of everything. A share `a` of the wrong labels is found, so
that for each rightly flagged one (1 - a) / a are overlooked. What the same person flagged and then left is right after
all, or wrong and overlooked the second time.

One person errs alike twice, so second looks tell the least that was overlooked and the least that was mistaken. Against
the first stand the planted errors, as far as they are as hard as real ones: `a` is theirs. What somebody always
mistakes nothing but another person tells.
"""

from typing import NamedTuple

import numpy as np

from . import audit
from .audit import CONFIDENCE, Audit, Auditors, Interval, Trials


class Leaves(NamedTuple):
    """Shares of the items looked at: what was overlooked, what was mended though right, and both together."""

    missed: Interval
    mistaken: Interval
    both: Interval


def leaves(
    flagged: np.ndarray, planted: Trials, repeated: Trials, left: Audit, cluster: np.ndarray | None = None
) -> Leaves:
    """flagged: bool [items], the first look at each; cluster: int [items] as Audit has it. planted: (errors found, of
    those met). repeated: (flags given again, of those asked about again). left: of a sample of all, what was left at
    first and flagged then. Each part errs half as often as an interval may, so that their sum holds."""
    confidence = (1 + CONFIDENCE) / 2
    n, q = len(flagged), float(flagged.mean()) if len(flagged) else 0.0
    finds = planted if planted[1] else repeated
    a = finds[0] / finds[1] if finds[1] else 1.0
    mistaken = mistakes(repeated, q, a, confidence)
    every = Audit(flagged, np.zeros(n, int), np.array([n]), np.array([n]), cluster)
    wrong = audit.error_rate(every, Auditors(sensitivity=finds), confidence)
    # A second look mistakes as often as the first.
    found_then = float(audit.error_rate(left).low) - mistaken.rate
    overlooked = (q - mistaken.rate) * (1 - a) / a if a > 0 else 1.0
    rate = min(max(overlooked, found_then, 0.0), 1.0)
    low = max(float(wrong.low) - q - mistaken.high, 0.0)
    missed = Interval(rate, min(low, rate), max(min(float(wrong.high) - q, 1.0), rate))
    both = Interval(*(min(float(one) + float(other), 1.0) for one, other in zip(missed, mistaken, strict=True)))
    return Leaves(missed, mistaken, both)


def mistakes(repeated: Trials, q: float, a: float, confidence: float) -> Interval:
    """Of what share of items the flag was a mistake, q being flagged. At most all flags that are not repeated were; at
    least those beyond what is overlooked the second time as often as at any."""
    again, asked = (round(count) for count in repeated)
    once = Audit(np.arange(asked) >= again, np.zeros(asked, int), np.array([asked]), np.array([asked]))
    share, low, high = audit.error_rate(once, confidence=confidence)

    def beyond(unrepeated: float) -> float:
        return q * float(np.clip((unrepeated - (1 - a)) / a, 0.0, 1.0)) if a > 0 else 0.0

    return Interval(beyond(float(np.nan_to_num(share))), beyond(float(low)), q * float(high))
