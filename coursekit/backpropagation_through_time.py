"""For lesson 06: counted models to compare with, batches of running text, Adam, and a map of a gradient."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from coursekit.plots import SIGNED, figure

Parameters = dict[str, np.ndarray]


def _context_codes(ids: np.ndarray, V: int, order: int) -> tuple[np.ndarray, np.ndarray]:
    """Each symbol from position `order` on, and the `order` symbols before it as one number."""
    code = np.zeros(len(ids) - order, dtype=np.int64)
    for k in range(order):
        code = code * V + ids[k : len(ids) - order + k]
    return code, ids[order:]


def _counts(train: np.ndarray, test: np.ndarray, V: int, order: int) -> tuple[np.ndarray, ...]:
    """For every test position: how often its context and symbol, and its context, occur in `train`;
    and after how many different symbols the context occurs there."""
    code, symbol = _context_codes(train, V, order)
    pairs, times = np.unique(code * V + symbol, return_counts=True)
    contexts, start = np.unique(pairs // V, return_index=True)
    totals = np.add.reduceat(times, start)
    kinds = np.diff(start, append=len(pairs))
    code, symbol = _context_codes(test, V, order)

    def look_up(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[at] == wanted, values[at], 0)

    return (
        look_up(pairs, times, code * V + symbol),
        look_up(contexts, totals, code),
        look_up(contexts, kinds, code),
    )


def additive_bits(train: np.ndarray, test: np.ndarray, V: int, order: int, alpha: float) -> float:
    """Bits per symbol of `test` under a Markov model of this order with `alpha` added to every count."""
    pair, context, _ = _counts(train, test, V, order)
    return float(-np.log2((pair + alpha) / (context + alpha * V)).mean())


def witten_bell_bits(train: np.ndarray, test: np.ndarray, V: int, order: int) -> float:
    """Bits per symbol of `test` under an interpolated Markov model (Witten and Bell, 1991).

    Each order trusts its own counts as far as its context is frequent and predictable, and asks the next
    shorter context for the rest; the shortest asks the uniform distribution.
    """
    p = np.full(len(test), 1.0 / V)
    for k in range(order + 1):
        pair, context, kinds = _counts(train, test, V, k)
        mixed = (pair + kinds * p[k:]) / np.maximum(context + kinds, 1)
        p[k:] = np.where(context > 0, mixed, p[k:])
    return float(-np.log2(p).mean())


def running_batches(
    ids: np.ndarray, N: int, T: int, steps: int
) -> Iterator[tuple[np.ndarray, np.ndarray, bool]]:
    """Inputs (N, T), targets (N, T) one symbol later, and whether the text begins anew.

    The text is cut into N streams that are read side by side, T symbols at a time, so that a state can be
    carried from one batch to the next. At its end the reading starts over.
    """
    length = (len(ids) - 1) // N
    inputs = ids[: N * length].reshape(N, length)
    targets = ids[1 : N * length + 1].reshape(N, length)
    position = length
    for _ in range(steps):
        again = position + T > length
        position = 0 if again else position
        now = slice(position, position + T)
        yield inputs[:, now], targets[:, now], again
        position += T


class Adam:
    """Adam (Kingma and Ba, 2015), after scaling the gradients down to a total length of at most `clip`.

    Scaling a step that would be too long is lesson 08's subject; here it is only a safety belt.
    """

    def __init__(self, parameters: Parameters, clip: float = 1.0) -> None:
        self.parameters, self.clip, self.steps = parameters, clip, 0
        self.mean = {name: np.zeros_like(p) for name, p in parameters.items()}
        self.square = {name: np.zeros_like(p) for name, p in parameters.items()}

    def step(self, gradients: Parameters, lr: float) -> None:
        """Change the parameters in place, one step of size about `lr` against the gradients."""
        self.steps += 1
        length = np.sqrt(sum(float(np.vdot(g, g)) for g in gradients.values()))
        scale = min(1.0, self.clip / length)
        for name, parameter in self.parameters.items():
            g, mean, square = gradients[name] * scale, self.mean[name], self.square[name]
            mean += 0.1 * (g - mean)
            square += 0.01 * (g * g - square)
            correction = np.sqrt(1 - 0.99**self.steps) / (1 - 0.9**self.steps)
            parameter -= (lr * correction) * mean / (np.sqrt(square) + 1e-8)


def draw_loss_by_copy(values: np.ndarray, k: int, title: str) -> Figure:
    """What each loss (row) says about each copy of a weight (column), `values` (T, T); blocks of k are kept.

    Entries outside the blocks are left out, in grey: the gradient does not cross from one block into another.
    The upper triangle is hatched: a copy after a loss cannot change it.
    """
    T, top = len(values), np.abs(values).max()
    chunk = np.arange(T) // k
    kept = (chunk[:, None] == chunk) & np.tri(T, dtype=bool)
    made, (ax,) = figure(width=6, height=4.6)
    image = ax.imshow(np.where(kept, values, np.nan), cmap=SIGNED, vmin=-top, vmax=top, zorder=1)
    ax.set(title=title, xlabel="copy at step t", ylabel="loss of step s", facecolor="#D9D9D9")
    ax.set(xticks=range(T), yticks=range(T), xticklabels=range(1, T + 1), yticklabels=range(1, T + 1))
    ax.grid(False)
    for s in range(T - 1):  # the copies after step s + 1
        later = Rectangle((s + 0.5, s - 0.5), T - 1 - s, 1, facecolor="white", edgecolor="#BBBBBB")
        later.set(linewidth=0, hatch="//", zorder=1.5)
        ax.add_patch(later)
    for start in range(0, T, k):
        size = min(k, T - start)
        corner = (start - 0.5, start - 0.5)
        ax.add_patch(Rectangle(corner, size, size, fill=False, linewidth=1.6, clip_on=False, zorder=2))
    made.colorbar(image, ax=ax, label="contribution to $dW_{hh}[0, 1]$")
    return made
