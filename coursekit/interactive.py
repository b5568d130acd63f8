"""A picture with sliders; without ipywidgets, or where nobody can move them, the picture alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

from IPython import get_ipython
from IPython.display import display
from matplotlib.figure import Figure

from coursekit.plots import picture


def explore(draw: Callable[..., Figure], alt: str, **values: Sequence[Any]) -> None:
    """Show `draw(name=value, ...)` under a slider for each name, which walks through that name's values.

    It starts from the first values, and `alt` describes that picture; numbers stand on the slider in rising
    order, wherever it starts. The picture is an ordinary output of the cell: it stays when the notebook is
    read without a kernel, where the sliders are dead.
    """
    first = {name: choices[0] for name, choices in values.items()}
    data, metadata = picture(draw(**first), alt)
    sliders = _sliders(values)
    for slider in sliders.values():
        display(slider)
    shown = display(data, metadata=metadata, raw=True, display_id=True)

    def redraw(_: object) -> None:
        chosen = {name: slider.value for name, slider in sliders.items()}
        words = ", ".join(f"{name} = {value}" for name, value in chosen.items())
        data, metadata = picture(draw(**chosen), f"The same picture for {words}")
        shown.update(data, metadata=metadata, raw=True)

    for slider in sliders.values():
        slider.observe(redraw, names="value")


def _sliders(values: dict[str, Sequence[Any]]) -> dict[str, Any]:
    """A slider for each name in a live notebook that has ipywidgets; none elsewhere."""
    if get_ipython() is None or "COURSE_STILL_PICTURES" in os.environ:
        return {}
    try:
        from ipywidgets import SelectionSlider
    except ImportError:
        return {}
    return {
        name: SelectionSlider(options=_in_order(choices), value=choices[0], description=name)
        for name, choices in values.items()
    }


def _in_order(choices: Sequence[Any]) -> list[Any]:
    """Numbers in rising order; anything else as it is given."""
    return sorted(choices) if all(isinstance(choice, Real) for choice in choices) else list(choices)
