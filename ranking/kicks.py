"""The last percents of a path: kicked here and there, mended, and put back where that did not make it shorter.

Iterated local search (Lourenço, Martin & Stützle 2003) with 2-opt and Or-opt moves over neighbour lists (Johnson &
McGeoch 1997, "The Traveling Salesman Problem: A Case Study in Local Optimization") and kicks that swap two short
neighbouring runs. One item at a time on plain lists: a kick touches a dozen items, so that arrays would not pay.
Every move is made of turned runs, so that it can be taken back by turning them again.
"""

import random

import numpy as np

from .encoders.base import Vectors
from .kinds import Ints, Rows, Tick

REACH = 50  # places within which a kick swaps two runs
SEGMENT = 3  # longest run that Or-opt moves
EPSILON = 1e-7  # of the mean distance
PULL = 1e6  # mean distances
FEWEST = 4  # items that are worth a kick
Move = tuple[float, list[tuple[int, int]]]  # what it gains, and the runs (from place, to place) it turns, one by one


def improve(table: Vectors, near: Rows, order: Ints, kicks: int, seed: int, tick: Tick, pinned: bool = False) -> Ints:
    """A path no longer than `order` [n], by distances [n, n] and each item's near ones [n, k], after so many kicks.

    pinned: its ends stay its ends.
    """
    if len(order) < FEWEST:
        return order
    path = Path(table, near, order)
    if pinned:
        path.pin()
    path.settle(order.tolist())
    rng = random.Random(seed)
    for number in range(kicks):
        path.kick(rng)
        if not number % 256:
            tick()
    if pinned and path.order[0] != order[0]:
        path.order.reverse()
    return np.array(path.order, np.int64)


class Path:
    """The items in order; beyond both ends lies nowhere, item n, which is 0 away from all."""

    def __init__(self, table: Vectors, near: Rows, order: Ints) -> None:
        self.n = len(order)
        scaled = table / (float(table.mean()) or 1.0)
        self.away: list[list[float]] = [[*row, 0.0] for row in scaled.tolist()] + [[0.0] * (self.n + 1)]
        self.near: list[list[int]] = near.tolist()
        self.order: list[int] = order.tolist()
        self.place = np.argsort(order).tolist()
        self.turned: list[tuple[int, int]] = []

    def pin(self) -> None:
        """Nowhere draws both ends so strongly that they stay beside it."""
        for end in (self.order[0], self.order[-1]):
            self.away[end][self.n] = self.away[self.n][end] = -PULL

    def at(self, place: int) -> int:
        return self.order[place] if 0 <= place < self.n else self.n

    def turn(self, i: int, j: int) -> None:
        self.turned.append((i, j))
        order, place = self.order, self.place
        run = order[i : j + 1]
        run.reverse()
        order[i : j + 1] = run
        for item in run:
            place[item] = i
            i += 1

    def kick(self, rng: random.Random) -> None:
        """Swap two short runs somewhere and mend; all of it is undone where the path came out longer."""
        self.turned.clear()
        low = rng.randrange(max(1, self.n - REACH))
        i, j, k = sorted(rng.sample(range(low, min(low + REACH, self.n) + 1), 3))
        ends = [self.at(place) for place in (i - 1, i, j - 1, j, k - 1, k)]
        a, b, c, d, e, f = ends
        away = self.away
        gained = away[a][b] + away[c][d] + away[e][f] - away[a][d] - away[e][b] - away[c][f]
        self.make([(i, k - 1), (i, i + k - j - 1), (i + k - j, k - 1)])
        gained += self.settle([item for item in ends if item < self.n])
        if gained < -EPSILON:
            for run in self.turned[::-1]:
                self.turn(*run)

    def make(self, runs: list[tuple[int, int]]) -> None:
        for i, j in runs:
            if i < j:
                self.turn(i, j)

    def settle(self, queue: list[int]) -> float:
        """Make every move that shortens the path, beginning at these items; what was gained."""
        gained, waiting = 0.0, set(queue)
        while queue:
            item = queue.pop()
            waiting.discard(item)
            while found := self.best(item):
                gain, runs = found
                gained += gain
                self.make(runs)
                for i, j in runs:
                    for place in (i - 1, i, j, j + 1):
                        touched = self.at(place)
                        if touched < self.n and touched not in waiting:
                            waiting.add(touched)
                            queue.append(touched)
        return gained

    def best(self, item: int) -> Move | None:
        """The first move of this item that gains."""
        return self.turn_round(item) or self.move_run(item)

    def turn_round(self, a: int) -> Move | None:
        """2-opt: a run turned round, so that the item comes to lie beside a near one, or at an end."""
        away, place = self.away, self.place
        i, row = place[a], away[a]
        before, after = self.at(i - 1), self.at(i + 1)
        step_back, step_on = row[before], row[after]
        for c in self.near[a]:
            nearer = row[c]
            if nearer >= step_on and nearer >= step_back:
                break
            j = place[c]
            after_c, before_c = self.at(j + 1), self.at(j - 1)
            if (gain := step_on + away[c][after_c] - nearer - away[after][after_c]) > EPSILON:
                return gain, [(min(i, j) + 1, max(i, j))]
            if (gain := step_back + away[c][before_c] - nearer - away[before][before_c]) > EPSILON:
                return gain, [(min(i, j), max(i, j) - 1)]
        nowhere, first, last = away[self.n], self.order[0], self.order[-1]
        if (gain := step_on + nowhere[first] - nowhere[a] - away[after][first]) > EPSILON:
            return gain, [(0, i)]
        if (gain := step_back + nowhere[last] - nowhere[a] - away[before][last]) > EPSILON:
            return gain, [(i, self.n - 1)]
        return None

    def move_run(self, a: int) -> Move | None:
        """Or-opt: a short run that ends with the item moves, so that the item comes to lie beside a near one."""
        away, place = self.away, self.place
        i, row = place[a], away[a]
        for length in range(1, SEGMENT + 1):
            for first, last in {(i, i + length - 1), (i - length + 1, i)}:
                if first < 0 or last >= self.n:
                    continue
                other = self.order[first + last - i]
                outside_a, outside_b = (self.at(first - 1), self.at(last + 1)) if i == first else (
                    self.at(last + 1), self.at(first - 1))  # fmt: skip
                freed = row[outside_a] + away[other][outside_b] - away[outside_a][outside_b]
                for c in self.near[a]:
                    if row[c] >= freed - EPSILON:
                        break
                    j = place[c]
                    if first <= j <= last:
                        continue
                    for gap in (j, j - 1):  # the run goes between places gap and gap + 1
                        if first - 1 <= gap <= last:
                            continue
                        beside = self.at(gap + 1 if gap == j else gap)
                        gain = freed + away[c][beside] - row[c] - away[other][beside]
                        if gain > EPSILON:
                            # Beside c on its far side, the item leads; on its near side, it comes last.
                            return gain, shifted(first, last, gap, (i == first) == (gap == j))
        return None


def shifted(first: int, last: int, gap: int, straight: bool) -> list[tuple[int, int]]:
    """The turns that move the run first..last between places gap and gap + 1."""
    if gap > last:
        runs, landed = [(first, gap), (first, first + gap - last - 1)], (first + gap - last, gap)
    else:
        runs, landed = [(gap + 1, last), (gap + 2 + last - first, last)], (gap + 1, gap + 1 + last - first)
    return [*runs, landed] if straight else runs
