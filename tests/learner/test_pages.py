"""Sentences as HTML."""

import pytest

from autograder.learner.pages import sentence


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Row i is *left* by `P[i]`.", "Row i is <em>left</em> by <code>P[i]</code>."),
        ("the *right ones* only", "the <em>right ones</em> only"),
        ("a * b * c and 2*x*y", "a * b * c and 2*x*y"),
        ("`a *b* c`", "<code>a *b* c</code>"),
        ("an odd ` mark and a <b>", "an odd ` mark and a &lt;b&gt;"),
        ("*args, **options", "*args, **options"),
    ],
)
def test_marks_of_a_sentence(text, html):
    assert sentence(text) == html
