"""A real JupyterHub with two Linux users, set up as docs/jupyterhub.md says; needs root and npm."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from autograder.lessons import ROOT
from tests import environments

CLONE = "sequence-course"
COMPILED = "import jupyterhub.singleuser.app, jupyterlab.labapp, jupytext, nbgrader.apps, ipykernel, torch"
SETTINGS = """
load_subconfig({file!r})
c = get_config()
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.bind_url = "http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_port = {ports[1]}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{ports[2]}"
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
c.JupyterHub.services = [{{"name": "tests", "api_token": {token!r}}}]
scopes = ["admin:users", "admin:servers", "access:servers"]
c.JupyterHub.load_roles = [{{"name": "tests", "scopes": scopes, "services": ["tests"]}}]
"""


def python_for_all() -> str:
    """A Python that other users can run too; '' where there is none."""
    found = [shutil.which("python3", path="/usr/bin:/usr/local/bin"), os.path.realpath("/proc/self/exe")]
    for path in filter(None, found):
        enough = subprocess.run(
            [path, "-c", "import sys, venv; assert sys.version_info >= (3, 11, 2)"], check=False
        )
        open_to_all = all(place.stat().st_mode & 0o001 for place in Path(path).resolve().parents)
        if enough.returncode == 0 and open_to_all:
            return path
    return ""


class Hub:
    """The hub in `folder`, with a teacher and a student."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.token = folder, secrets.token_hex()
        self.programs = folder / "env" / "bin"
        self.exchange = folder / "exchange"
        self.teacher, self.student = (f"hub{os.getpid()}{role}" for role in ("t", "s"))
        self.process: subprocess.Popen[bytes] | None = None
        self.ports = [_free_port() for _ in range(3)]

    def set_up(self) -> None:
        """The steps of docs/jupyterhub.md, in its order."""
        wheel = environments.build_wheel(ROOT, self.folder / "dist")
        packages = (f"{wheel}[lab,class]", "jupyterhub")
        environments.make(self.folder / "env", python_for_all(), *packages)
        # Its users cannot write there, and would compile these anew each time. (pip compiles everything.)
        subprocess.run([str(self.programs / "python"), "-c", COMPILED], env={"PATH": "/usr/bin"}, check=True)
        proxy = [
            "npm",
            "install",
            "--silent",
            "--no-fund",
            "--no-audit",
            "--prefix",
            str(self.folder / "proxy"),
        ]
        subprocess.run([*proxy, "configurable-http-proxy"], check=True)
        for name in (self.teacher, self.student):
            home = str(self.folder / name)
            subprocess.run(
                ["useradd", "--create-home", "--home-dir", home, "--shell", "/bin/bash", name], check=True
            )
            os.chmod(home, 0o700)
        self._share()
        self._clone()

    def _share(self) -> None:
        """The exchange, and where everybody finds it."""
        self.exchange.mkdir()
        self.exchange.chmod(0o1777)
        (self.exchange / "sequence-models").mkdir(mode=0o755)
        shutil.chown(self.exchange / "sequence-models", self.teacher, self.teacher)
        text = (ROOT / "jupyter" / "hub" / "nbgrader_config.py").read_text()
        assert "/srv/nbgrader/exchange" in text
        place = self.folder / "env" / "etc" / "jupyter" / "nbgrader_config.py"
        place.write_text(text.replace("/srv/nbgrader/exchange", str(self.exchange)))

    def _clone(self) -> None:
        """The teacher's clone, and the line that says where it lies."""
        home = self.folder / self.teacher
        clone = environments.copy_sources(_made(home / CLONE))
        shutil.copytree(ROOT / "solutions" / "00_start_here", clone / "solutions" / "00_start_here")
        shutil.copy(ROOT / "nbgrader_config.py", clone)
        line = f"c = get_config()\nc.CourseDirectory.root = {str(clone)!r}\n"
        (_made(home / ".jupyter") / "nbgrader_config.py").write_text(line)
        subprocess.run(["chown", "-R", f"{self.teacher}:{self.teacher}", str(home)], check=True)

    def start(self) -> None:
        settings = self.folder / "settings.py"
        file = str(ROOT / "jupyter" / "hub" / "jupyterhub_config.py")
        settings.write_text(SETTINGS.format(file=file, ports=self.ports, token=self.token))
        path = f"{self.programs}:{self.folder / 'proxy' / 'node_modules' / '.bin'}:{os.environ['PATH']}"
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("AUTOGRADER", "JUPYTER", "PYTHON"))}
        with (self.folder / "hub.log").open("wb") as log:
            self.process = subprocess.Popen(
                [str(self.programs / "jupyterhub"), "-f", str(settings)],
                cwd=_made(self.folder / "state"),
                env=clean | {"PATH": path},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait(lambda: self.ask("GET", "hub/api/") is not None)
        for name in (self.teacher, self.student):
            self.ask("POST", f"hub/api/users/{name}")
            self.ask("POST", f"hub/api/users/{name}/server")
            self.wait(lambda name=name: self.ask("GET", f"hub/api/users/{name}")["servers"][""]["ready"])

    def stop(self) -> None:
        if self.process:
            for name in (self.teacher, self.student):
                with contextlib.suppress(AssertionError, OSError):
                    self.ask("DELETE", f"hub/api/users/{name}/server")
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(60)
        for name in (self.teacher, self.student):
            subprocess.run(["userdel", "--force", name], capture_output=True, check=False)

    def wait(self, ready: Any, seconds: float = 180) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if ready():
                    return
            except (AssertionError, KeyError, TypeError, OSError):
                pass  # not yet
            time.sleep(0.5)
        raise AssertionError((self.folder / "hub.log").read_text()[-3000:])

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.ports[0]}/{path}"

    def ask(self, method: str, path: str, data: Any = None) -> Any:
        """A request with the hub's token; what was answered."""
        request = urllib.request.Request(
            self.address(path),
            method=method,
            data=json.dumps(data or {}).encode() if method in ("POST", "PUT") else None,
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=300) as reply:
                text = reply.read().decode()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error} {error.read()[:500]!r}") from error
        return json.loads(text) if text.strip() else ""

    def run(self, name: str, *command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """A command in a user's terminal."""
        home = self.folder / name
        env = {"PATH": f"{self.programs}:/usr/bin:/bin", "HOME": str(home), "USER": name, "LANG": "C.UTF-8"}
        return subprocess.run(
            [shutil.which("runuser") or "runuser", "-u", name, "--", *command],
            cwd=cwd or home,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
