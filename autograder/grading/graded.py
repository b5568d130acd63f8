"""What becomes of a submission: a grade, or a sentence on why there is none; and the sum over a class."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.grading.faults import machine_fault
from autograder.grading.gradebook import Lateness
from autograder.grading.judge_client import NotJudgedError
from autograder.grading.judge_start import JudgeError
from autograder.grading.notebooks import Rebuilt
from autograder.grading.results import Result
from autograder.grading.sandbox.host import SandboxError
from autograder.grading.wire import readable


@dataclass
class Graded:
    """One submission that is done: its result, its notebook, and whether an earlier result was used."""

    result: Result
    made: Rebuilt
    again: bool = False
    #: Was a feedback page removed, because it showed an earlier grade?
    outdated: bool = False
    late: Lateness | None = None
    #: What is kept of the same answers, where one exercise is to be judged again.
    before: Result | None = None


@dataclass
class Ungraded:
    """One submission that could not be graded, and a sentence on why. Nothing of it is kept."""

    student: str
    why: str


@dataclass
class Summary:
    """What grading a class came to."""

    graded: int = 0
    reused: int = 0
    isolation: set[str] = field(default_factory=set)
    #: By student: why there is no grade. The next run tries again.
    ungraded: dict[str, str] = field(default_factory=dict)
    #: By student: sentences on what was wrong with the file.
    remarks: dict[str, list[str]] = field(default_factory=dict)
    #: By student: the points that the judge gave; and the most there is.
    scores: dict[str, float] = field(default_factory=dict)
    most: float = 0.0
    #: By student: how late, and what it costs.
    late: dict[str, Lateness] = field(default_factory=dict)
    #: How many feedback pages were removed, because they showed an earlier grade.
    outdated: int = 0
    #: Sentences on what lies in submitted/ under a name that is no lesson's or no student's.
    strays: list[str] = field(default_factory=list)

    def add(self, one: Graded) -> None:
        """Count one submission in."""
        student, tests = one.result.student, one.result.tests.values()
        self.graded += not one.again
        self.reused += one.again
        self.outdated += one.outdated
        self.isolation.add(one.result.isolation)
        self.scores[student] = one.result.score
        self.most = sum(test.points for test in tests)
        if one.late:
            self.late[student] = one.late
        if remarks := [*one.made.remarks, *one.result.remarks]:
            self.remarks[student] = remarks


def ungraded(student: str, error: Exception) -> Ungraded:
    """What is said of a submission over which `error` was raised. Raises it if it is the machine's fault."""
    if isinstance(error, JudgeError) or machine_fault(error):
        raise error
    known = isinstance(error, (NotJudgedError, SandboxError, ValueError)) and str(error)
    return Ungraded(student, readable(str(error) if known else f"{type(error).__name__}: {error}")[:300])
