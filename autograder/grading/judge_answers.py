"""What the judge answers: the inputs of cases, what outcomes are worth, and what to say where there is none.

Reference results are computed once per exercise and seed.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES, OPEN_SEED, Exercise
from autograder.grading.reading import defined, used
from autograder.grading.wire import readable
from autograder.judging.judge import judge
from autograder.judging.outcome import MOST_PRINTED, UNDEFINED, Outcome, Raised, compared
from autograder.judging.repair.explain import unexplained
from autograder.judging.repair.task import task_of
from autograder.judging.repair.telling import tell
from autograder.judging.verdict import Verdict
from autograder.learner.report import Report, make_report
from autograder.learner.words import secret_seed
from autograder.oracle import solved_cases
from autograder.oracle.device import device_name
from autograder.packing import PackError, pack, unpack

#: The exceptions whose names are told where inputs are hidden: what honest code raises, and no more, since
#: an answer can choose among the names that are told, and so tell something of an input.
COMMON = ("IndexError", "KeyError", "NameError", "TypeError", "ValueError", "ZeroDivisionError")
FIRST = "This function uses {}, which is not right yet: mend that first."
FIRST_ALL = "This function uses {}, which are not right yet: mend them first."
#: How many repairs of one answer are told, and how many characters of each.
MOST_REPAIRS, MOST_TOLD = 5, 200
NOTHING = Outcome(error=Raised("NotPlain", "something that is no plain value"))


def answer(request: dict[str, Any]) -> Any:
    """The reply to one request, whose "ask" is cases, verdict, task, stopped or device."""
    if request["ask"] == "device":
        return device_name()
    name = request["exercise"]
    if request["ask"] == "stopped":
        return no_verdict(f"{name}: not right yet.", f"Your function was stopped: {request['why']}.")
    seed = secret_seed(name) if request["hidden"] else OPEN_SEED
    if request["ask"] == "cases":
        return [arguments for arguments, _ in solved_cases(name, seed)]
    try:
        outcomes = read_messages(request["outcomes"], request["after"], name, seed)
    except PackError as error:
        return {"torn": str(error)}
    if _undefined(outcomes) and not request["hidden"]:
        return absent(name, request["source"], request["error"])
    verdict = judge_outcomes(EXERCISES[name], outcomes, seed)
    if request["ask"] == "task":
        return vars(task_of(verdict))
    tell(verdict, read_repairs(request["found"], EXERCISES[name]))
    leans_on = [] if verdict.passed else used(request["source"], request["wrong"])
    return verdict_message(verdict, request["hidden"], leans_on)


def read_messages(outcomes: bytes, after: bytes, name: str, seed: int) -> list[Any]:
    """What a student's process says of its calls; mostly the arguments are afterwards what they were before.

    Raises PackError for what is no plain value.
    """
    messages = unpack(outcomes)
    if not isinstance(messages, list):
        return []
    if after == _packed_cases(name, seed):
        left: Any = [arguments for arguments, _ in solved_cases(name, seed)]
    else:
        left = unpack(after)
    told = zip(messages, left, strict=False) if isinstance(left, list) else ()
    return [{**message, "after": then} if isinstance(message, dict) else message for message, then in told]


@lru_cache(maxsize=512)
def _packed_cases(name: str, seed: int) -> bytes:
    return pack([arguments for arguments, _ in solved_cases(name, seed)])


def _undefined(outcomes: list[Any]) -> bool:
    """Does the student's process say that there is no such function? That earns nothing, true or not."""
    try:
        return bool(outcomes[0]["error"]["kind"] == UNDEFINED)
    except (IndexError, KeyError, TypeError, ValueError):
        return False


def judge_outcomes(exercise: Exercise, messages: list[Any], seed: int) -> Verdict:
    """The verdict on what a student's process says its function did."""
    given = list(map(read_outcome, messages))
    # Where an answer stopped early, the cases that were not tried fail as the last one did.
    outcomes = itertools.chain(given, itertools.repeat(given[-1] if given else NOTHING))
    try:
        return judge(exercise, lambda arguments: compared(next(outcomes), arguments), seed)
    except Exception:  # numbers that NumPy cannot compare, such as an integer of a thousand digits
        return judge(exercise, lambda _arguments: NOTHING, seed)


def read_outcome(message: Any) -> Outcome:
    """An outcome as the student's process describes it; whatever makes no sense counts as a wrong answer."""
    try:
        error = message["error"]
        return Outcome(
            value=message["value"],
            error=error and _read_error(error),
            after=None if error else tuple(message["after"]),
            printed=str(message["printed"])[:MOST_PRINTED],
            warned=tuple(str(text)[:200] for text in message["warned"][:20]),
        )
    except (TypeError, KeyError, ValueError, AttributeError):
        return NOTHING


def read_repairs(found: Any, exercise: Exercise) -> list[dict[str, Any]]:
    """What a search in the student's process claims to have found; what makes no sense is left out."""
    try:
        return [_read_repair(row, exercise) for row in found[:MOST_REPAIRS]]
    except (TypeError, KeyError, ValueError, AttributeError):
        return []


def _read_repair(row: dict[str, Any], exercise: Exercise) -> dict[str, Any]:
    texts = {key: str(row[key])[:MOST_TOLD] for key in ("what", "what_too", "code", "code_too")}
    lines = {key: int(row[key]) for key in ("line", "line_too")}
    known = [mistake.name for mistake in exercise.mistakes]
    mistake = row["mistake"] if row["mistake"] in known else ""
    results = _positions(row["results"], len(exercise.returns))
    return {**texts, **lines, "mistake": mistake, "results": results, "bold": bool(row["bold"]), "mended": ""}


def _positions(given: list[Any], arguments: int) -> tuple[int, ...]:
    return tuple(i for i in given if type(i) is int and 0 <= i < arguments)


def _read_error(error: dict[str, Any]) -> Raised:
    line = error["line"] if isinstance(error["line"], int) else None
    kind, code, stub = str(error["kind"])[:100], str(error["code"])[:200], str(error.get("stub", ""))[:100]
    shapes = str(error.get("shapes", ""))[:200]
    return Raised(kind, str(error["text"])[:MOST_PRINTED], line, code, stub, shapes)


def verdict_message(verdict: Verdict, hidden: bool, leans_on: list[str]) -> dict[str, Any]:
    """What goes on record. Of hidden cases it tells the named mistake, and no number or text from them.

    `leans_on` are functions that the answer uses and that are wrong themselves.
    """
    made = make_report(verdict)
    lines = hidden_diagnosis(verdict) if hidden else made.diagnosis
    if leans_on:  # the more likely fault, unless a mistake of its own is known
        named = any(finding.kind == "mistake" for finding in verdict.findings)
        sentence = FIRST if len(leans_on) == 1 else FIRST_ALL
        lines.insert(len(lines) if named else 0, sentence.format(" and ".join(leans_on)))
    mistakes = [finding.name for finding in verdict.findings if finding.name]
    if hidden:
        told = {"passed": verdict.passed, "credit": float(verdict.credit), "lines": lines}
        return {**told, "mistakes": mistakes, "slips": [], "blank": False}
    facts = {"mistakes": mistakes, "slips": _slips(verdict), "blank": _unwritten(verdict)}
    waits = unexplained(verdict) and not leans_on
    return {**_message(made, float(verdict.credit)), **facts, "unexplained": waits}


def _slips(verdict: Verdict) -> list[dict[str, Any]]:
    """The lines that a search found."""
    found = [f for f in verdict.findings if f.kind == "repair" and f.line]
    return [{"line": f.line, "code": readable(f.code), "what": readable(f.what)} for f in found]


def _unwritten(verdict: Verdict) -> bool:
    """Is the answer still the stub that was handed out?"""
    error = verdict.trials[-1].outcome.error
    return error is not None and error.kind == "NotImplementedError" and not error.stub


def _message(made: Report, credit: float) -> dict[str, Any]:
    return {
        "unexplained": False,
        "mistakes": [],
        "slips": [],
        "blank": False,
        "passed": made.passed,
        "credit": credit,
        "lines": [readable(line) for line in made.diagnosis],
        "text": readable(str(made)),
        "html": readable(made.to_html()),
    }


def no_verdict(headline: str, sentence: str) -> dict[str, Any]:
    """What goes on record where no outcome can be judged."""
    return _message(Report(False, headline, [sentence], [], "", ""), 0.0)


def absent(name: str, source: str, error: str) -> dict[str, Any]:
    """Why a function is not there after its cell (with this source, which ended in `error`) was run."""
    if not source.strip():
        return {**no_verdict(f"{name}: not handed in.", "Its cell is missing, or empty."), "blank": True}
    if error:
        return no_verdict(f"{name}: not defined.", f"Its cell stopped: {error}")
    instead = f"{name} is not defined: its cell does not define it."
    if others := defined(source):
        instead = f"{name} is not defined: its cell defines {others[0]} instead. Change the name back."
    return no_verdict(f"{name}: not defined.", instead)


def hidden_diagnosis(verdict: Verdict) -> list[str]:
    """Sentences that reveal nothing about hidden inputs: the student's own words may hold them."""
    if verdict.passed:
        return []
    named = [f.message for f in verdict.findings if f.kind == "mistake"]
    error = next((t.outcome.error for t in verdict.failures if t.outcome.error), None)
    if named or error is None:
        return named or ["Its results differ from the right ones on inputs that the notebook does not show."]
    kind = error.kind if error.kind in COMMON else "an error"
    return [f"It failed with {kind} on inputs that the notebook does not show."]
