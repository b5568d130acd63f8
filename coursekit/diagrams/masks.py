"""Drawings of masks for lessons 15 and 16: who may attend to whom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from coursekit.diagrams.parts import OFF
from coursekit.plots import GREEN, figure


def _allowed(ax: Axes, mask: np.ndarray, rows: Sequence[str], columns: Sequence[str]) -> None:
    """A mask (rows, columns): a filled cell where it is True, may attend; a hatched one where it is False."""
    for i, j in np.ndindex(mask.shape):
        style = {"facecolor": GREEN, "alpha": 0.75} if mask[i, j] else {"facecolor": "white", "hatch": "////"}
        ax.add_patch(Rectangle((j, i), 0.92, 0.92, edgecolor=GREEN if mask[i, j] else OFF, **style))
    ax.set(xlim=(-0.1, mask.shape[1]), ylim=(mask.shape[0], -0.1), aspect="equal")
    ax.set_xticks(np.arange(len(columns)) + 0.46, columns, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(np.arange(len(rows)) + 0.46, rows)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.grid(False)


def padding() -> Figure:
    """The padding mask (N, T) of three sentences of 5, 3 and 2 words: a row for each sentence."""
    lengths = np.array([5, 3, 2])
    made, (ax,) = figure(width=6.6, height=2.3)
    ax.set_anchor("E")  # room for the sentences on the left
    sentences = ("forty thousand and twenty two", "forty thousand two", "twenty two")
    _allowed(ax, np.arange(5) < lengths[:, None], sentences, [f"$m_{t}$" for t in range(1, 6)])
    ax.tick_params(axis="x", rotation=0)
    for label in ax.get_xticklabels():
        label.set_horizontalalignment("center")
    return made


def causal_and_padding() -> Figure:
    """Three masks of a Transformer's attentions, queries as rows and keys as columns."""
    written, source = ("<sos>", "sa", "man", "i"), ("forty", "thousand", "two", "<pad>", "<pad>")
    T, real = len(written), np.array([word != "<pad>" for word in source])
    made, axes = figure(3, width=10.5, height=3.5)
    masks = (
        ("encoder, itself: padding", np.tile(real, (len(source), 1)), source, source),
        ("decoder, itself: causal", np.tril(np.ones((T, T), dtype=bool)), written, written),
        ("decoder, to memory: padding", np.tile(real, (T, 1)), written, source),
    )
    for ax, (title, mask, rows, columns) in zip(axes, masks, strict=True):
        _allowed(ax, mask, rows, columns)
        ax.set_title(title, fontsize=11)
        ax.set_xlabel("key")
    axes[0].set_ylabel("query")
    return made
