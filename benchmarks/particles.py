"""A drawn set unlike signs: 16-bit grey pictures of particles, their labels a tree of three levels.

form (round, long, starry) > inside (even, striped, spotted) > number (one, two, three): 27 labels. Several pictures
show one particle, turned and exposed otherwise. Stretched to 8 bits by the percentiles of the whole set.
"""

import numpy as np

SIDE = 48
FORMS, INSIDES, NUMBERS = ("round", "long", "starry"), ("even", "striped", "spotted"), ("one", "two", "three")
LABELS = [f"{form}/{inside}/{number}" for form in FORMS for inside in INSIDES for number in NUMBERS]


def draw(particles: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(crops uint8 [n, 48, 48, 3], labels [n] in 0..26, particles [n]); one to six pictures of each particle."""
    rng = np.random.default_rng(seed)
    labels, groups, pictures = [], [], []
    for particle in range(particles):
        label = particle % len(LABELS)
        look = Particle(label, rng)
        for _ in range(int(rng.integers(1, 7))):
            pictures.append(look.picture(rng))
            labels.append(label)
            groups.append(particle)
    deep = np.stack(pictures)
    low, high = np.percentile(deep, (0.5, 99.5))
    flat = (np.clip((deep - low) / (high - low), 0, 1) * 255).astype(np.uint8)
    return np.repeat(flat[..., None], 3, axis=3), np.array(labels), np.array(groups)


class Particle:
    """What all pictures of one particle have in common."""

    def __init__(self, label: int, rng: np.random.Generator) -> None:
        self.form, self.inside, self.number = label // 9, label // 3 % 3, label % 3 + 1
        self.size, self.phase, self.pitch = rng.uniform(0.3, 0.45), rng.uniform(0, 6.3), rng.uniform(16, 24)
        self.places = rng.uniform(-0.5, 0.5, (self.number, 2))
        self.places += 0.4 * np.stack([np.cos(t := 2.1 * np.arange(self.number)), np.sin(t)], axis=1)
        self.ground = rng.normal(0, 1, (4, 4))

    def picture(self, rng: np.random.Generator) -> np.ndarray:
        """uint16 [48, 48]: turned, exposed and with noise of its own."""
        turn, aside = self.phase + rng.normal(0, 0.4), rng.normal(0, 0.04, 2)
        y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE * 2 - 1
        u = (x - aside[0]) * np.cos(turn) + (y - aside[1]) * np.sin(turn)
        v = -(x - aside[0]) * np.sin(turn) + (y - aside[1]) * np.cos(turn)
        light = np.kron(self.ground, np.ones((12, 12))) * 0.05
        for across, down in self.places[: self.number] * (self.number > 1):
            light = np.maximum(light, self.one(u - across, v - down, self.size * (1.3, 0.8, 0.65)[self.number - 1]))
        light = light * rng.uniform(0.6, 1.3) + rng.normal(0, 0.16, light.shape) + 0.3
        return np.clip(light * 20000, 0, 65535).astype(np.uint16)

    def one(self, u: np.ndarray, v: np.ndarray, size: float) -> np.ndarray:
        angle, radius = np.arctan2(v, u), np.hypot(u, v)
        if self.form == 1:
            radius = np.hypot(u * 0.6, v * 1.7)
        if self.form == 2:
            radius = radius * (1 + 0.3 * np.cos(5 * angle))
        body = 1 / (1 + np.exp((radius - size) * 25))
        waves = {0: 1.0, 1: 0.6 + 0.5 * np.sin(u * self.pitch), 2: 0.6 + 0.5 * np.sin(u * 20) * np.sin(v * 20)}
        return np.asarray(body * waves[self.inside])


def plant(labels: np.ndarray, groups: np.ndarray, by_group: bool, seed: int) -> np.ndarray:
    """The labels with 3 % of the pictures (5 % of the particles) mislabelled, two in three by a sibling in the tree."""
    rng = np.random.default_rng([seed, by_group])
    units = groups if by_group else np.arange(len(labels))
    names, first, unit = np.unique(units, return_index=True, return_inverse=True)
    given = labels[first].copy()
    for k in rng.choice(len(names), round((0.05 if by_group else 0.03) * len(names)), replace=False):
        near = given[k] // 3 * 3 + np.arange(3) if rng.random() < 2 / 3 else np.arange(len(LABELS))
        given[k] = rng.choice(near[near != given[k]])
    return given[unit]
