"""The pictures of benchmarks/consensus.py, as SVG."""

import math
from collections.abc import Callable

import numpy as np

from review.consensus.votes import logit

WIDE, TALL, LEFT, LOW, EDGE = 640, 400, 56, 44, 16
COLOURS = ("#d1495b", "#2f7de1", "#1d9a6c", "#8a8f98", "#c0842b")
Scale = Callable[[float], float]


def looks(curves: dict[str, list[tuple[float, float]]]) -> str:
    """F1 against looks an item: a line a campaign, its oracle's dashed in the same colour, dots for fixed looks."""
    x, y = scale(0, 5.2, LEFT, WIDE - EDGE), scale(0.86, 1.0, TALL - LOW, EDGE)
    parts = frame([(x(v), str(v)) for v in range(6)], [(y(v), f"{v:.2f}") for v in (0.86, 0.9, 0.94, 0.98)],
                  "looks an item, audit and planted ones among them", "F1")  # fmt: skip
    lines = [name for name in curves if "oracle, " + name in curves]
    for k, name in enumerate(lines):
        colour = COLOURS[k]
        for which, dash in ((name, ""), ("oracle, " + name, ' stroke-dasharray="4 3"')):
            points = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in sorted(curves[which]))
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        parts.append(legend(k, name + " (oracle dashed)", colour))
    for name, points in curves.items():
        if len(points) == 1 and min(points)[1] > 0.86:
            above = name.startswith("Dawid")
            (a, b), colour = points[0], COLOURS[3 + above]
            parts.append(f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="4" fill="{colour}"/>')
            at = y(b) + (-9 if above else 18)
            parts.append(f'<text x="{x(a) + 8:.0f}" y="{at:.0f}" text-anchor="end" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def reliability(sums: dict[str, np.ndarray]) -> str:
    """What was wrong against what was said to be, in log odds; a dot a bin of at least ten items."""
    ticks = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
    ends = float(logit(0.0002)), float(logit(0.9995))
    x, y = scale(*ends, LEFT, WIDE - EDGE), scale(*ends, TALL - LOW, EDGE)
    odds = [(float(logit(p)), f"{p:g}") for p in ticks]
    parts = frame([(x(v), text) for v, text in odds], [(y(v), text) for v, text in odds],
                  "probability to be wrong, as the model has it", "share that is wrong")  # fmt: skip
    parts.append(f'<path d="M{x(ends[0])} {y(ends[0])}L{x(ends[1])} {y(ends[1])}" stroke="#8a8f98"/>')
    for k, (name, (items, said, wrong)) in enumerate(sums.items()):
        dots = [(s / n, w / n, n) for n, s, w in zip(items, said, wrong, strict=True) if n >= 10 and 0 < w < n]
        for p, share, n in dots:
            a, b = x(float(logit(p))), y(float(logit(share)))
            radius = 2 + 0.8 * math.log10(n)
            parts.append(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="{radius:.1f}" fill="{COLOURS[k]}" fill-opacity=".7"/>')
        parts.append(legend(k, name, COLOURS[k]))
    return "\n".join([*parts, "</svg>", ""])


def scale(low: float, high: float, start: float, end: float) -> Scale:
    return lambda value: start + (value - low) / (high - low) * (end - start)


def frame(across: list[tuple[float, str]], up: list[tuple[float, str]], below: str, beside: str) -> list[str]:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {TALL}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDE}" height="{TALL}" fill="#fff"/>',
    ]
    for at, text in across:
        parts.append(f'<path d="M{at:.0f} {EDGE}V{TALL - LOW}" stroke="#e3e5e8"/>')
        parts.append(f'<text x="{at:.0f}" y="{TALL - LOW + 18}" text-anchor="middle">{text}</text>')
    for at, text in up:
        parts.append(f'<path d="M{LEFT} {at:.0f}H{WIDE - EDGE}" stroke="#e3e5e8"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.0f}" text-anchor="end">{text}</text>')
    middle = (TALL - LOW) / 2
    parts.append(f'<text x="{WIDE / 2:.0f}" y="{TALL - 6}" text-anchor="middle">{below}</text>')
    parts.append(f'<text transform="translate(14 {middle:.0f}) rotate(-90)" text-anchor="middle">{beside}</text>')
    return parts


def legend(k: int, text: str, colour: str) -> str:
    return f'<text x="{WIDE - EDGE - 8}" y="{TALL - LOW - 14 - 18 * k}" text-anchor="end" fill="{colour}">{text}</text>'
