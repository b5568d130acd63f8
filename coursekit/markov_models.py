"""Counts of what follows a context of several symbols, for Markov models of any order.

A context is kept as one whole number, its symbols being the digits in base V. Only contexts that occur
get a row: the full table would have V ** order of them.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from coursekit.plots import figure


def context_codes(ids: np.ndarray, order: int, V: int) -> np.ndarray:
    """The `order` symbols before each of ids[order:], as whole numbers (T-order,)."""
    codes = np.zeros(len(ids) - order, dtype=np.int64)
    for j in range(order):
        codes = codes * V + ids[j : len(ids) - order + j]
    return codes


@dataclass(frozen=True)
class ContextCounts:
    """`counts` (C, V): how often each symbol followed each of the contexts `codes` (C,), in rising order."""

    order: int
    codes: np.ndarray
    counts: np.ndarray

    def rows(self, codes: np.ndarray) -> np.ndarray:
        """Counts (R, V) for the contexts `codes` (R,); all zero for one that never occurred."""
        place = np.searchsorted(self.codes, codes).clip(max=len(self.codes) - 1)
        return np.where((self.codes[place] == codes)[:, None], self.counts[place], 0)


def count_contexts(ids: np.ndarray, order: int, V: int) -> ContextCounts:
    """Count what follows each context of `order` symbols in ids (T,)."""
    codes, row = np.unique(context_codes(ids, order, V), return_inverse=True)
    counts = np.zeros((len(codes), V), dtype=np.int32)
    np.add.at(counts, (row, ids[order:]), 1)
    return ContextCounts(order, codes, counts)


def smoothed(rows: np.ndarray, alpha: float) -> np.ndarray:
    """Counts (R, V) -> probabilities (R, V), alpha added to every count (Lidstone, 1920)."""
    p: np.ndarray = (rows + alpha) / (rows.sum(axis=1, keepdims=True) + alpha * rows.shape[1])
    return p


def interpolated(tables: list[ContextCounts], ids: np.ndarray, start: int) -> list[np.ndarray]:
    """Probabilities (R, V) of ids[start:] by each order, each falling back on the order below it.

    An order weighs as its count against the number of different symbols that it has seen in this context:
    a context that was followed by many kinds of symbols is likely to be followed by a new one. Source:
    Witten and Bell (1991), method C. The lowest order falls back on equal probabilities.
    """
    V = tables[0].counts.shape[1]
    p, made = np.full((1, V), 1 / V), []
    for table in tables:
        rows = table.rows(context_codes(ids, table.order, V)[start - table.order :])
        kinds = (rows > 0).sum(axis=1, keepdims=True)
        total = rows.sum(axis=1, keepdims=True)
        p = np.where(total > 0, (rows + kinds * p) / np.maximum(total + kinds, 1), p)
        made.append(p)
    return made


def sample_text(
    table: ContextCounts, alpha: float, first: np.ndarray, uniforms: np.ndarray, temperature: float = 1.0
) -> np.ndarray:
    """Continue the ids `first`, at least `order` of them, by one symbol for each uniform number.

    Probabilities are raised to the power 1 / temperature; at temperature 0 the likeliest symbol is taken.
    """
    V = table.counts.shape[1]
    ids = list(first)
    for u in uniforms:
        code = 0
        for symbol in ids[len(ids) - table.order :]:
            code = code * V + int(symbol)
        p = smoothed(table.rows(np.array([code])), alpha)[0]
        if temperature == 0:
            ids.append(int(p.argmax()))
            continue
        if temperature != 1:
            p = (p / p.max()) ** (1 / temperature)
            p /= p.sum()
        ids.append(min(int(np.searchsorted(p.cumsum(), u, side="right")), V - 1))
    return np.array(ids[len(first) :])


def page(text: str, title: str, columns: int = 72, rows: int = 6) -> Figure:
    """A text as a picture, in lines of equal length; a line break shows as ↵."""
    lines = textwrap.wrap(text.replace("\n", "↵"), columns, drop_whitespace=False)[:rows]
    made, (ax,) = figure(width=8.0, height=0.5 + 0.26 * rows)
    ax.axis("off")
    ax.set_title(title, loc="left", fontsize=11)
    style: dict[str, Any] = {"family": "monospace", "fontsize": 11, "linespacing": 1.45, "parse_math": False}
    ax.text(0, 1, "\n".join(lines), va="top", transform=ax.transAxes, **style)
    return made
