"""Attempts to get points, secrets or a way out. Each is meant to work, and none does, in either isolation."""

# ruff: noqa: E501  the attacks are easier to read in one piece
import os
import resource
import shutil
import socket
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from autograder.grading.grader import Grader
from autograder.grading.notebooks import rebuild
from autograder.grading.results import Result
from autograder.grading.sandbox import landlock, seccomp
from autograder.grading.sandbox.isolation import SHORTFALL, leaks
from autograder.lessons import ROOT
from tests.grading.conftest import RIGHT, answered, missing, promised

WRONG = "def time_average(x):\n    return 0.0\n"

#: Findings in stock nbgrader, with the tests in the student's process, and more. None may score.
FORGERIES = {
    "a forged check": "import autograder\nautograder.check = autograder.recheck = lambda f: None\ncheck = print",
    "a forged result on display": "from IPython.display import display\nclass G:\n    def __repr__(self): return '1'\nG()",
    "a display hook": "import sys\nsys.displayhook = lambda v: print(1.0)",
    "frames": (
        "import sys\nframe = sys._getframe()\nwhile frame:\n"
        "    for k, v in list(frame.f_locals.items()):\n"
        "        if 'passed' in str(k) or 'credit' in str(k): frame.f_locals[k] = 1\n    frame = frame.f_back"
    ),
    "garbage collector": (
        "import gc\nfor o in gc.get_objects():\n    if isinstance(o, dict):\n"
        "        for k in ('credit', 'score', 'passed'):\n            if k in o: o[k] = 1.0"
    ),
    "an AST transformer": (
        "import ast\nclass T(ast.NodeTransformer):\n    def visit_Call(self, n): return ast.Constant(1)\n"
        "get_ipython().ast_transformers.append(T())"
    ),
    "an input transformer": "get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])",
    "patched comparisons": (
        "import numpy as np\nnp.allclose = np.array_equal = np.isclose = lambda *a, **k: True\n"
        "np.testing.assert_allclose = lambda *a, **k: None"
    ),
    "an event at each cell": "get_ipython().events.register('post_run_cell', lambda r: setattr(r, 'error_in_exec', None))",
    "patched sending": (
        "import autograder.grading.sandbox.child as c\n"
        "c.outcome_message = lambda o: {'passed': True, 'credit': 1.0, 'value': True, 'error': None,"
        " 'modified': [], 'printed': '', 'warned': []}"
    ),
    "a verdict instead of an outcome": (
        "import autograder.grading.sandbox.child as c\n"
        "c.Student.call = lambda self, name, cases, again: [{'credit': 1.0, 'passed': True}] * 9"
    ),
    "an error of no kind": (
        "import numpy as np\nimport autograder.grading.sandbox.child as c\n"
        "c.outcome_message = lambda o: {'value': None, 'error': {'kind': np.zeros(3)}, 'modified': []}"
    ),
    "answers without being asked": (
        "import gc, socket\nfrom autograder.grading.wire import send\n"
        "for o in gc.get_objects():\n    if isinstance(o, socket.socket):\n"
        "        for _ in range(20): send(o, {'passed': True, 'credit': 1.0, 'lines': []})"
    ),
    "cases that wait are emptied": (
        "import gc\nfor o in gc.get_objects():\n"
        "    if type(o) is list and o and type(o[0]) is tuple and type(o[0][0]).__name__ == 'ndarray': o.clear()"
    ),
    "cases that wait become nothing": (
        "import gc\nfor o in gc.get_objects():\n"
        "    if type(o) is list and o and type(o[0]) is tuple and type(o[0][0]).__name__ == 'ndarray':\n"
        "        for case in o: case[0][...] = 0.0"
    ),
    "requests that wait ask for something else": (
        "import gc\ndef zeros(x): return x[0] * 0.0\nfor o in gc.get_objects():\n"
        "    if type(o) is tuple and o and type(o[0]) is dict and 'again' in o[0]: o[0]['name'] = 'zeros'"
    ),
    "garbage on the connection": (
        "import gc, socket\nfor o in gc.get_objects():\n"
        "    if isinstance(o, socket.socket): o.sendall(b'\\xff' * 4096)"
    ),
}
OBJECTS = {
    "equal to everything": "class E:\n    def __eq__(self, o): return True\ndef time_average(x):\n    return E()",
    "an array with its own comparison": (
        "import numpy as np\nclass A(np.ndarray):\n    def __eq__(self, o): return True\n"
        "    def __array_function__(self, *a): return True\n    __array_ufunc__ = lambda *a, **k: True\n"
        "def time_average(x):\n    return np.zeros(len(x)).view(A)"
    ),
    "a pickle bomb": (
        "class P:\n    def __reduce__(self): return (eval, ('1/0',))\n"
        "import numpy as np\ndef time_average(x):\n    return np.array([P()] * len(x))"
    ),
    "nan": "import numpy as np\ndef time_average(x):\n    return np.full(len(x), np.nan)",
    "a list without end": "def time_average(x):\n    return [[0.0]] * 10**5",
    "the arguments' base": "def time_average(x):\n    return x if x.base is None else x.base",
}


@pytest.fixture(scope="module", params=["bubblewrap", "landlock"])
def walls(request, judge):
    """A grader behind each kind of wall."""
    if request.param == "bubblewrap" and not shutil.which("bwrap"):
        missing("bubblewrap")
    if found := leaks(request.param):
        if request.param == "landlock" and landlock.version() and seccomp.library():
            pytest.fail(f"the kernel has what it takes, and yet a student could {', '.join(found)}")
        promised(f"isolation by {request.param} does not hold: {', '.join(found)}")
    made = Grader(judge, request.param)
    yield made
    made.close()


@pytest.fixture
def attack(walls, lesson, instructor):
    def attacked(code: str) -> Result:
        made = rebuild(instructor, answered(lesson, code))
        return walls.grade(made.notebook, Result("mallory", lesson.name, "key"))

    return attacked


@pytest.mark.parametrize("kind", FORGERIES)
def test_no_forgery_scores_and_an_honest_answer_keeps_its_points(attack, kind):
    assert attack(f"{FORGERIES[kind]}\n{WRONG}").score == 0
    assert attack(f"{WRONG}\n{FORGERIES[kind]}").score == 0
    assert attack(RIGHT).score == 1


@pytest.mark.parametrize("kind", OBJECTS)
def test_no_object_passes_for_an_answer(attack, kind):
    assert attack(OBJECTS[kind]).score == 0


def tried(attack, code: str) -> str:
    """What the code printed; every attempt prints 'reached' if it works."""
    result = attack(f"{code}\n{WRONG}")
    assert result.score == 0
    return result.printed["time_average"]


PATHS = [
    ROOT / "autograder" / "exercises" / "start_here" / "time_average.py",
    ROOT / "autograder" / "references" / "start_here.py",
    ROOT / "autograder" / "oracle" / "recorded" / "start_here.record",
    ROOT / "lessons",
    ROOT / "solutions",
    ROOT / "tests",
    ROOT / ".git",
    Path("/etc/passwd"),
    Path("/proc/1/environ"),
    Path("/proc/self/environ"),
    Path("/root"),
    Path("/home"),
    Path("/var"),
]


def test_no_file_of_the_course_or_the_machine_is_read(attack):
    code = f"import os\nfor path in {[str(path) for path in PATHS]}:\n"
    code += (
        "    try: os.listdir(path) if os.path.isdir(path) else open(path).read(); print('reached', path)\n"
    )
    code += "    except OSError: pass"
    assert tried(attack, code) == ""


def test_no_submission_secret_or_gradebook_is_found(attack, root, hand_in):
    (root / "gradebook.db").write_text("grades")
    (root / ".autograder" / "seed").parent.mkdir(exist_ok=True)
    (root / ".autograder" / "seed").write_text("secret")
    secrets = [root / "gradebook.db", root / ".autograder" / "seed", hand_in("other", RIGHT)]
    code = f"for path in {[str(path) for path in secrets]}:\n"
    code += "    for mode in 'ra':\n"
    code += "        try: open(path, mode); print('reached')\n        except OSError: pass\n"
    code += "import os\nprint([k for k in os.environ if 'AUTOGRADER' in k])"
    assert tried(attack, code) == "[]\n"
    assert (root / "gradebook.db").read_text() == "grades"


def test_no_file_that_may_be_read_may_be_written(attack):
    readable = [
        ROOT / "coursekit" / "__init__.py",
        ROOT / "autograder" / "grading" / "limits.py",
        np.__file__,
    ]
    code = f"for path in {[str(path) for path in readable]}:\n    print(len(open(path).read()) > 0)\n"
    code += "    try: open(path, 'r+'); print('reached', path)\n    except OSError: pass\n"
    assert tried(attack, code) == "True\nTrue\nTrue\n"


def test_torch_is_not_there(attack):
    code = "import sys\nsys.modules.pop('torch', None)\ntry:\n    import torch\n    print('reached', torch.ones(1))\n"
    assert tried(attack, f"{code}except (ImportError, AttributeError, OSError): pass") == ""


def test_no_network(attack):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        code = f"""import socket, ctypes
for family, kind in ((2, 1), (2, 2), (10, 1), (1, 1), (16, 3)):
    try:
        s = socket.socket(family, kind)
        s.connect(('127.0.0.1', {port}))
        print('reached')
    except OSError: pass
print(ctypes.CDLL(None).socket(2, 1, 0))"""
        assert tried(attack, code) == "-1\n"
        with pytest.raises(TimeoutError):
            server.accept()


def test_no_process_is_started_or_left(attack):
    mark = f"left-by-a-student-{os.getpid()}"
    code = f"""import os, subprocess, multiprocessing, ctypes
sleep, words = os.open('/bin/sleep', os.O_RDONLY), ['sleep', '60']
for start in (
    lambda: subprocess.Popen(['sleep', '60', '{mark}']), lambda: os.system('true') == 0, os.fork,
    lambda: os.posix_spawn('/bin/sleep', words, {{}}), lambda: os.execv('/bin/sleep', words),
    lambda: os.execve(sleep, words, {{}}), lambda: multiprocessing.Process(target=print).start(), os.forkpty,
    lambda: os.popen('id').read(),
):
    try: print('tried', start())
    except OSError: pass
print(ctypes.CDLL(None).fork(), ctypes.CDLL(None).syscall(56, 17, 0, 0, 0, 0))"""
    # Whatever came after a program that was started would be missing.
    assert tried(attack, code) == "tried False\n-1 -1\n"
    assert not [p for p in Path("/proc").glob("[0-9]*/cmdline") if mark in p.read_text(errors="replace")]


def test_no_other_process_is_touched(attack):
    code = f"""import os, signal, ctypes, resource
for pid in (1, 2, 3, os.getppid(), {os.getpid()}, -1):
    try: os.kill(pid, 0); print('reached', pid)
    except OSError: pass
    try: open(f'/proc/{{pid}}/mem', 'r+b'); print('reached', pid)
    except OSError: pass
    try: resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1)); print('reached', pid)
    except (OSError, PermissionError): pass
print(ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0))"""
    assert tried(attack, code) == "-1\n"


def test_walls_cannot_be_taken_down(attack, tmp_path):
    code = """import ctypes, resource, os
libc = ctypes.CDLL(None)
print(libc.unshare(0x10000000), libc.setns(0, 0), libc.mount(b'x', b'/', b'tmpfs', 0, 0), libc.chroot(b'/'))
for what in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE):
    try: resource.setrlimit(what, (-1, -1)); print('reached')
    except (OSError, ValueError): pass
for change in (lambda: os.chmod(MINE, 0), lambda: os.chown(MINE, 1, 1), lambda: os.utime(MINE, (0, 0))):
    try: change(); print('reached')
    except OSError: pass"""
    mine = tmp_path / "mine"
    mine.touch(0o640)
    assert tried(attack, code.replace("MINE", repr(str(mine)))) == "-1 -1 -1 -1\n"
    assert mine.stat().st_mode & 0o777 == 0o640


MOST = {
    "AS": 2 * 2**30,
    "CPU": 120,
    "FSIZE": 16 * 2**20,
    "NOFILE": 64,
    "NPROC": 128,
    "CORE": 0,
}


def test_limits_are_set_and_final(attack):
    """As long as this machine has no lower ones."""
    names = [f"RLIMIT_{name}" for name in MOST]
    hard = [resource.getrlimit(getattr(resource, name))[1] for name in names]
    most = [m if h == resource.RLIM_INFINITY else min(m, h) for m, h in zip(MOST.values(), hard, strict=True)]
    code = f"import resource\nprint([resource.getrlimit(getattr(resource, name)) for name in {names}])"
    assert tried(attack, code) == f"{[(m, m) for m in most]}\n"


def test_a_file_is_cut_where_the_limit_is(attack):
    code = """for size in (15, 17):
    try:
        with open('file', 'wb') as file: file.write(bytes(size * 2**20))
    except OSError as error: print(size, error.strerror)
import os; print(os.path.getsize('file') / 2**20)"""
    assert tried(attack, code) == "17 File too large\n16.0\n"


CROWDS = {
    "files": "for i in range(1100): open(f'f{i}', 'w').close()",
    "bytes": "for i in range(5): open(f'f{i}', 'wb').write(bytes(14 * 2**20))",
}


@pytest.mark.parametrize("kind", CROWDS)
def test_who_fills_the_scratch_folder_is_stopped(attack, kind):
    said = tried(attack, f"{CROWDS[kind]}\nimport time; time.sleep(20)")
    assert said.startswith("This cell was stopped: its process ended")


def test_who_fills_it_almost_is_not_stopped(attack):
    few = CROWDS["files"].replace("1100", "900") + "\n" + CROWDS["bytes"].replace("5", "4")
    assert tried(attack, f"{few}\nimport time; time.sleep(1); print('done')") == "done\n"


def test_nothing_is_left_for_the_next_student(attack):
    code = """import os, numpy as np, sys, builtins
open('left.txt', 'w').write('x'); os.mkdir('deep', 0)
os.symlink('/', 'link'); np.pi = 3; builtins.left = 1; os.environ['LEFT'] = '1'
open('numpy.py', 'w').write('raise SystemExit')"""
    attack(f"{code}\n{WRONG}")
    code = """import os, numpy as np, builtins
print(os.listdir('.'), round(np.pi, 2), hasattr(builtins, 'left'), 'LEFT' in os.environ)"""
    assert tried(attack, code) == "[] 3.14 False False\n"


FLOODS = {
    "output": "import os\nfor _ in range(2000): os.write(1, b'x' * 65536)\nprint('y' * 10**8)",
    "one big file": "open('big', 'wb').write(b'x' * 10**9)",
    "many files": "import time\nfor i in range(10**6):\n    open(f'f{i}', 'w').close()\n    time.sleep(0.0001)",
    "threads": "import threading, time\nfor _ in range(10**4): threading.Thread(target=time.sleep, args=(60,)).start()",
    "memory": "x = []\nwhile True: x.append(bytearray(10**8))",
    "recursion": "import sys\nsys.setrecursionlimit(10**9)\nf = lambda *_: sorted([1], key=f)\nf()",
    "open files": "x = [open('/dev/null') for _ in range(10**5)]",
    "a message without end": "def time_average(x):\n    import numpy as np\n    return np.zeros(9_000_000)",
}


@pytest.mark.parametrize("kind", FLOODS)
def test_no_flood_takes_anything_down(attack, kind):
    start = time.monotonic()
    result = attack(f"{WRONG}\n{FLOODS[kind]}")
    assert result.score == 0
    assert len(result.printed.get("time_average", "")) <= 2500
    assert time.monotonic() - start < 40
    assert attack(RIGHT).score == 1


def test_hidden_inputs_are_seen_by_nobody(attack, judge):
    """The function sees them, and has no way to tell: print, raise, name, or keep them for a later cell."""
    code = """import numpy as np
seen = []
def time_average(x):
    seen.append(x.ravel()[0])
    print('SEEN', seen)
    if len(seen) > 4:
        raise type('SEEN' + repr(x.ravel()[0]).replace('.', '_').replace('-', '_'), (Exception,), {})('SEEN')
    return x.mean(axis=1)"""
    result = attack(code)
    assert result.score == 0
    hidden = [repr(case[0].ravel()[0])[:7] for case in judge.cases("time_average", hidden=True)]
    told = str(result)
    assert "SEEN" not in told
    assert not [number for number in hidden if number in told]
    assert "It failed with an error on inputs that the notebook does not show." in told


def test_attackers_do_not_disturb_others_at_the_same_time(judge, lesson, instructor):
    """A class in which every second one attacks, on two sandboxes at a time."""
    scores = {}

    def work(which: int) -> None:
        grader = Grader(judge)
        for i, attack in enumerate(("import os\nos._exit(1)", FLOODS["one big file"], FORGERIES["frames"])):
            for name, code in ((f"m{i}", f"{attack}\n{WRONG}"), (f"h{i}", RIGHT)):
                made = rebuild(instructor, answered(lesson, code))
                scores[name, which] = grader.grade(made.notebook, Result(name, lesson.name, "key")).score
        grader.close()

    threads = [threading.Thread(target=work, args=(which,)) for which in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(name[0], score) for (name, _), score in scores.items()} == {("m", 0.0), ("h", 1.0)}


def test_without_walls_grading_works_limits_hold_and_a_warning_is_given(judge, lesson, instructor):
    grader = Grader(judge, "limits")
    spawn = "import os\nif os.fork() == 0:\n    os.setsid()\n    import time\n    time.sleep(60)"
    scores = [
        grader.grade(
            rebuild(instructor, answered(lesson, code)).notebook, Result("x", lesson.name, "k")
        ).score
        for code in (RIGHT, f"{spawn}\n{RIGHT}", f"{FLOODS['one big file']}\n{RIGHT}", RIGHT)
    ]
    assert grader.sandbox
    runner = grader.sandbox.process.pid
    assert Path(f"/proc/{runner}/task/{runner}/children").read_text() == ""
    grader.close()
    assert scores == [1.0, 1.0, 0.0, 1.0]
    assert SHORTFALL["limits"].startswith("WARNING")
