"""Keeps the processes in which foreign formats are read, and ends those that take too much.

A process is started when one is first needed, reads one file after the other, and is never shared
by two at once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from typing import Any

from assistant.retrieval.formats import UnreadableError
from assistant.retrieval.limits import Limits
from assistant.settings import PROJECT

_MOST = 2  # processes at once; further files wait
_STALE = 30.0  # seconds without work; well before the process ends itself
_PASSED_ON = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL", "PYTHONPATH")


class Workers:
    """Reads files in processes of their own. Safe for many threads."""

    def __init__(self) -> None:
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()
        self._places = threading.Semaphore(_MOST)

    def read(self, data: bytes, suffix: str, limits: Limits) -> list[str]:
        """Return the pages of a file's text.

        Raises:
            UnreadableError: it cannot be read, or not within the limits.

        """
        with self._places:
            worker = self._take()
            try:
                answer = worker.ask(data, suffix, limits)
            except BaseException:
                worker.end()
                raise
            if answer["last"]:
                worker.end()
            else:
                with self._lock:
                    self._idle.append(worker)
        if "pages" in answer:
            return [str(page) for page in answer["pages"]]
        raise UnreadableError(_reason(answer, limits))

    def close(self) -> None:
        """End the processes that wait for work."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.end()

    def _take(self) -> _Worker:
        """Return a process that waits for work, else a new one."""
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.ready():
                    return worker
                worker.end()
        return _Worker()


class _Worker:
    """One process and the pipes to it."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= {"PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "assistant.retrieval.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=PROJECT,  # where Python finds the package
            env=environment,
            start_new_session=True,  # Ctrl-C in the terminal is for the program, which ends this
        )

    def ready(self) -> bool:
        """Say whether the process still waits for work."""
        return self._process.poll() is None and time.monotonic() - self._since < _STALE

    def ask(self, data: bytes, suffix: str, limits: Limits) -> dict[str, Any]:
        """Send a file and wait for the answer, no longer than the limit.

        Raises:
            UnreadableError: the file took too long, or the process broke off.

        """
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(limits.seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            request = {
                "suffix": suffix,
                "bytes": len(data),
                "seconds": limits.seconds,
                "memory": limits.memory_bytes,
                "characters": limits.characters,
            }
            requests.write(json.dumps(request).encode() + b"\n")
            requests.write(data)
            requests.flush()
            line = answers.readline()
        except OSError:  # it is gone
            line = b""
        finally:
            timer.cancel()
        if line.endswith(b"\n"):
            self._since = time.monotonic()
            answer: dict[str, Any] = json.loads(line)
            answer["last"] |= late.is_set()
            return answer
        raise UnreadableError(
            f"reading it took longer than {limits.seconds:g} s, so I stopped. Split it up, or save "
            "it anew in its own program."
            if late.is_set()
            else "its reader broke off, as it does when a file is damaged or needs more than "
            f"{limits.memory_bytes / 1e9:g} GB of memory. Save it anew, or split it up."
        )

    def end(self) -> None:
        """End the process and wait for that."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                pass  # bytes that nobody was left to read
        self._process.wait()


def _reason(answer: dict[str, Any], limits: Limits) -> str:
    if "refused" in answer:
        return str(answer["refused"])
    if answer.get("much"):
        return f"it holds more than {limits.characters:,} characters of text. Split it up."
    name = str(answer.get("damaged"))
    if name == "MemoryError":
        return (
            f"reading it takes more than {limits.memory_bytes / 1e9:g} GB of memory. Split it up, "
            "or save it as plain text."
        )
    if name == "RecursionError":
        return "it is nested deeper than any honest file. Save it anew in its own program."
    return f"it seems to be damaged ({name}). Open it in its own program and save it again."


WORKERS = Workers()
