"""Submissions that are meant to cost others their grade, their time, or the whole run."""

import json
import os
from pathlib import Path

from tests.grading.conftest import RIGHT, WRONG

ON_THE_WIRE = """
import gc, socket, struct
def send(*parts):
    data = b''.join(struct.pack('<Q', len(part)) + part for part in parts)
    for thing in gc.get_objects():
        if isinstance(thing, socket.socket): thing.sendall(struct.pack('<Q', len(data)) + data)
"""
FORGED = """
array = b'{"a":ABOUT}'
rest = b',"error":null,"after":{"l":[' + array + b']},"printed":"","warned":{"l":[]}}}'
def time_average(x):
    send(b'{"l":[{"d":{"value":' + array + rest + b']}', bytes(24))
"""


def forged(about: str) -> str:
    """An answer that writes an array of its own to the grader: its place, dtype, shape, order."""
    return ON_THE_WIRE + FORGED.replace("ABOUT", about)


DEEP = """
def time_average(x):
    value = b'{"l":[' * 13 + b'1' + b']}' * 13
    rest = b',"error":null,"after":{"l":[1]},"printed":"","warned":{"l":[]}}}]}'
    send(b'{"l":[{"d":{"value":' + value + rest)
"""

#: Answers whose code is hostile. Each also tries to earn the point: none may.
ANSWERS = {
    "four megabytes of comments": f"{RIGHT}\n" + "# a comment\n" * 350_000,
    "nested folders": f"import os\nfor _ in range(995):\n    os.mkdir('d'); os.chdir('d')\n{WRONG}",
    "a long path": f"import os\nd = 'd' * 200\nfor _ in range(60):\n    os.mkdir(d); os.chdir(d)\n{WRONG}",
    "almost too many values": "def time_average(x):\n    return [0.0] * 7136",
    "very many values": "def time_average(x):\n    return [0.0] * 12_400",
    "text to the brim": "def time_average(x):\n    return ['x' * 4_194_000]",
    "a forged place": forged('[-1, "<f8", [3], false]'),
    "a forged type": forged('[0, "(9,9)f8", [3], false]'),
    "a forged shape": forged('[0, "<f8", [true, 1' + "0" * 400 + "], 3]"),
    "a reply that is deep": ON_THE_WIRE + DEEP,
    "a crowd": (
        "import threading, time\nthreading.stack_size(32768)\n"
        f"for _ in range(3000): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n{WRONG}"
    ),
    "its own end": f"import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n{WRONG}",
    "everybody's end": f"import os, signal\nos.kill(-1, signal.SIGKILL)\n{WRONG}",
    "an end in the call": "import os\ndef time_average(x):\n    os._exit(1)",
    "a full folder": f"for i in range(99): open(f'f{{i}}', 'wb').write(bytes(2**23))\n{WRONG}",
    "no end": "def time_average(x):\n    while True: pass",
    "much memory": f"x = []\nwhile True: x.append(bytearray(10**8))\n{WRONG}",
}
NO_GRADE = ("n" * 250, "not utf-8 \udcff", "<img src=x>", "a link", "a link to the solutions")


def hand_in_all(root: Path, lesson_name: str, text: str, answers: dict[str, str]) -> None:
    """Hand in `answers` in the notebook `text`, and files and folders that are hostile themselves."""

    def hand_in(student: str, content: bytes) -> None:
        folder = root / "submitted" / student / lesson_name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "start_here.ipynb").write_bytes(content)

    def answered(code: str) -> bytes:
        data = json.loads(text)
        for cell in data["cells"]:
            if cell["id"] == "time_average":
                cell["source"] = code
        return json.dumps(data).encode()

    for student, code in answers.items():
        hand_in(student, answered(code))
    for student in NO_GRADE[:3]:
        hand_in(student, answered(RIGHT))
    hand_in("many cells", json.dumps({"cells": [{}] * 50_000}).encode())
    hand_in("nested lists", b"[" * 10**6)
    hand_in("a long number", b'{"cells": [' + b"9" * 10**6 + b"]}")
    (root / "submitted" / "a link").symlink_to("honest0")
    (root / "submitted" / "a link to the solutions").mkdir()
    os.symlink(root / "solutions" / lesson_name, root / "submitted" / "a link to the solutions" / lesson_name)
