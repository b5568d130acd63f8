"""check, hint, replay and progress as a learner calls them (outside a notebook: plain text)."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest

from autograder import CheckFailed, check, hint, progress, recheck, replay
from autograder.learner.store import load, remember_pass, store_path


def time_average(x):
    return x.mean(axis=1)


def wrong(x):
    return x.mean(axis=0)


wrong.__name__ = "time_average"


def test_check_returns_nothing_and_remembers_a_pass(capsys):
    assert check(time_average) is None  # type: ignore[func-returns-value]  # this is what is tested
    assert capsys.readouterr().out.startswith("✓ time_average: right.")
    assert load()["passed"] == ["time_average"]


def test_failed_check_raises_one_line_and_prints_nothing_to_stderr(capsys):
    with pytest.raises(CheckFailed) as caught:
        check(wrong)
    assert (
        str(caught.value)
        == "You averaged over the batch (axis 0); time is axis 1. (time_average is not right yet.)"
    )
    lines = caught.value._render_traceback_()
    assert " ".join(lines) == f"CheckFailed: {caught.value}"
    assert max(map(len, lines)) <= 80  # nbgrader's Validate button cuts what is longer
    assert capsys.readouterr().err == ""
    assert load()["passed"] == []


def attend(s, states, mask):
    weights = masked_softmax(s, states) ** 3
    return (weights[:, None] @ states)[:, 0], weights


def masked_softmax(s, states):
    return np.tanh(states @ s[:, :, None])[:, :, 0]


def test_blame_may_lie_with_a_function_that_was_not_checked(capsys):
    with pytest.raises(CheckFailed):
        check(attend)
    assert "Your function calls masked_softmax, not passed so far" in capsys.readouterr().out
    remember_pass("masked_softmax")
    with pytest.raises(CheckFailed):
        check(attend)
    assert "not passed so far" not in capsys.readouterr().out


def greedy_decode(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    return np.zeros(len(str.encode("seven")), dtype=int)


def test_a_method_of_the_same_name_is_no_call(capsys):
    with pytest.raises(CheckFailed):
        check(greedy_decode)
    assert "not passed so far" not in capsys.readouterr().out


def helped(cell):
    """An answer that uses a helper, as a notebook defines both: in cells of `__main__`, which are kept."""
    known = {"__name__": "__main__", "np": np, "In": ["import numpy as np", *cell]}
    for number, source in enumerate(cell):
        python = re.sub(r"^[!%].*$", "", source, flags=re.MULTILINE)
        exec(compile(python, f"<cell {number}>", "exec"), known)
    return known["time_average"]


ANSWER = "def time_average(x):\n    return helper(x)\n"
HELPER = "def helper(x):\n    return x.mean(axis=1)\n"


@pytest.mark.parametrize(
    ("cells", "named"),
    [
        ((HELPER, ANSWER), None),
        (("AXIS = 1", "def helper(x):\n    return x.mean(axis=AXIS)", ANSWER), None),
        (("%%time\nimport math\n!ls", "helper = lambda x: x.mean(axis=1) + math.pi * 0", ANSWER), None),
        ((f"exec({HELPER!r})", ANSWER), "helper cannot be had from them: write it out in a cell"),
        (("exec('AXIS = 1')", "helper = lambda x: x.mean(axis=AXIS)", ANSWER), "AXIS cannot be had"),
        (("from beside import *", ANSWER), "helper cannot be had"),
        (("import beside", "helper = beside.helper", ANSWER), "beside, helper cannot be had"),
        (("import torch\ndef helper(x):\n    return x.mean(axis=1) + torch.pi * 0", ANSWER), "no PyTorch"),
        (
            ("import torch\ndef time_average(x):\n    return torch.tensor(x).mean(dim=1).numpy()\n",),
            "answers have no PyTorch: write this with NumPy",
        ),
    ],
)
def test_right_answer_is_told_what_grading_cannot_take_along(capsys, tmp_path, monkeypatch, cells, named):
    (tmp_path / "beside.py").write_text(HELPER)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "beside", raising=False)
    check(helped(cells))
    out = capsys.readouterr().out
    assert out.startswith("✓")
    assert ("is graded" in out) == bool(named)
    assert (named or "") in out


def test_name_in_quotes_is_no_function():
    with pytest.raises(CheckFailed, match="not its name in quotes"):
        check("time_average")  # type: ignore[arg-type]  # what a learner may well do


def test_replay_returns_the_smallest_failing_case():
    with pytest.raises(CheckFailed):
        check(wrong)
    case = replay("time_average")
    assert case.inputs["x"].shape == (1, 2)
    np.testing.assert_allclose(case.expected, case.inputs["x"].mean(axis=1))
    np.testing.assert_allclose(case.yours, wrong(case.inputs["x"]))
    check(time_average)
    assert replay(time_average).yours is None


def test_hints_come_in_order_and_start_again(capsys):
    for number in (1, 2, 3, 1):
        hint(time_average)
        assert capsys.readouterr().out.startswith(f"Hint {number} of 3 for time_average")


def test_each_hint_read_is_one_less_to_come(capsys):
    for left in (3, 2, 1, 0, 0):
        with pytest.raises(CheckFailed):
            check(wrong)
        offered = f'Next: hint("time_average") shows a hint ({left} left).'
        assert capsys.readouterr().out.count(offered if left else "Next:") == (left > 0)
        hint(time_average)
        capsys.readouterr()


def test_recheck_uses_fresh_inputs_and_shows_none(capsys, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_SEED", "a class's secret")
    recheck(time_average)
    assert capsys.readouterr().out == ""
    with pytest.raises(CheckFailed, match="fresh ones"):
        recheck(wrong)
    assert "failing case" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("time_averge", "Did you mean time_average"),
        (lambda x: x, "give the function its exercise's name"),
        (np.zeros(3), "hand over the function itself"),
        (print, "no exercise called print"),
    ],
)
def test_unknown_exercise_is_said_kindly(given, sentence):
    with pytest.raises(CheckFailed, match=sentence):
        check(given)


def test_progress_counts_points(capsys):
    check(time_average)
    progress()
    assert "start here" in capsys.readouterr().out


def test_damaged_progress_is_set_aside_not_overwritten():
    store_path().parent.mkdir(parents=True)
    store_path().write_text("{half a file")
    check(time_average)
    assert json.loads(store_path().read_text())["passed"] == ["time_average"]
    assert store_path().with_suffix(".damaged.json").read_text() == "{half a file"


def test_importing_the_words_does_not_load_torch():
    code = "import sys, autograder; sys.exit('torch' in sys.modules or 'IPython' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_size_from_another_cell_is_said_first(capsys):
    function = helped(
        [
            "T = 5\ny = np.ones(3)\nRATE = 0.5",
            "def time_average(x):\n    return x.sum(axis=1) / T * y[0] * RATE",
        ]
    )
    with pytest.raises(CheckFailed):
        check(function)
    first = capsys.readouterr().out.splitlines()[1]
    assert first.startswith("Your function uses T, y, left behind by another cell.")
    assert "the arguments, x" in first


def test_a_name_that_is_not_there_is_said_with_what_is_given():
    with pytest.raises(CheckFailed, match="uses T, which your function is not given and does not make"):
        check(helped(["def time_average(x):\n    return x.sum(axis=1) / T"]))


def defined(source: str, name: str):
    """What a notebook's cell defines under `name`."""
    known = {"__name__": "__main__", "np": np}
    exec(compile(source, "<cell>", "exec"), known)
    return known[name]


def test_a_lambda_is_judged_under_the_name_that_the_notebook_gives_it(capsys):
    check(defined("time_average = lambda x: x.mean(axis=1)", "time_average"))
    assert capsys.readouterr().out.startswith("✓ time_average: right.")


def test_a_borrowed_function_is_judged_and_called_borrowed(capsys, monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "time_average", np.mean, raising=False)
    with pytest.raises(CheckFailed):
        check(np.mean)
    assert "This judged numpy's mean, not a function of yours" in capsys.readouterr().out


STUB = "def {}(*given):\n    raise NotImplementedError('Write this function.')\n"


@pytest.mark.parametrize("between", ["", "def helper(x):\n    return layer(x)\n"])
def test_a_stub_that_is_called_is_named_also_through_a_helper(capsys, between):
    called = "helper" if between else "layer"
    answer = f"def time_average(x):\n    return {called}(x)\n"
    with pytest.raises(CheckFailed):
        check(helped((STUB.format("layer"), between + answer)))
    assert "Your function needs layer, which is not written yet" in capsys.readouterr().out
