"""A slider redraws its picture in place; without ipywidgets or in a build there is the picture alone."""

import sys

import ipywidgets
import pytest

from coursekit import interactive
from coursekit.plots import figure

ALT = "A line through two points, drawn for a size"


class Page:
    """Stands for the notebook's page: what was displayed on it, and what replaced it."""

    def __init__(self):
        self.displayed, self.updates = [], []

    def display(self, data, **_):
        self.displayed.append(data)
        return self

    def update(self, data, **_):
        self.updates.append(data)


@pytest.fixture
def page(monkeypatch):
    made = Page()
    monkeypatch.setattr(interactive, "display", made.display)
    monkeypatch.delenv("COURSE_STILL_PICTURES", raising=False)
    monkeypatch.setattr(interactive, "get_ipython", lambda: object())
    return made


def draw(size, shift):
    made, (ax,) = figure(width=2, height=1)
    ax.plot([0, 1], [shift, size])
    return made


def explore():
    interactive.explore(draw, ALT, size=[1, 5], shift=[0, -3, 3])


def test_a_slider_for_each_name_and_a_picture_that_is_replaced(page):
    explore()
    size, shift, first = page.displayed
    assert (size.description, shift.description) == ("size", "shift")
    assert (size.value, shift.value) == (1, 0)
    assert first["text/plain"] == ALT
    size.value = 5
    [second] = page.updates
    assert second["text/plain"] == "The same picture for size = 5, shift = 0"
    assert second["image/png"] != first["image/png"]
    size.value = 1
    assert page.updates[-1]["image/png"] == first["image/png"]


@pytest.mark.parametrize("why", ["no kernel", "no ipywidgets", "a build"])
def test_where_nobody_can_move_a_slider_there_is_the_picture(page, monkeypatch, why):
    if why == "no kernel":
        monkeypatch.setattr(interactive, "get_ipython", lambda: None)
    elif why == "no ipywidgets":
        monkeypatch.setitem(sys.modules, "ipywidgets", None)
    else:
        monkeypatch.setenv("COURSE_STILL_PICTURES", "1")
    explore()
    [only] = page.displayed
    assert only["text/plain"] == ALT
    assert only["image/png"]


def test_many_values_are_a_slider_of_choices(page):
    explore()
    assert isinstance(page.displayed[0], ipywidgets.SelectionSlider)


def test_a_slider_starts_anywhere_and_still_rises(page):
    interactive.explore(draw, ALT, size=[3, 5, 1], shift=[0, -3, 3])
    size, shift, _ = page.displayed
    assert (size.options, size.value) == ((1, 3, 5), 3)
    assert (shift.options, shift.value) == ((-3, 0, 3), 0)


def test_names_keep_their_order(page):
    interactive.explore(lambda size: draw(len(size), 0), ALT, size=["tanh", "relu", "sigmoid"])
    assert page.displayed[0].options == ("tanh", "relu", "sigmoid")
