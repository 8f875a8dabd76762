"""The process in which foreign formats are read: bytes on standard input, text on standard output.

Run by ``workers`` as ``python -m assistant.retrieval.worker``. A request is a line of JSON
(``suffix``, ``bytes``, ``seconds``, ``memory``, ``characters``) and the file's bytes; the answer a
line of JSON. The process opens no connection, starts no program and writes no file. It ends when
its input does, when it has been idle, and when a file made it large or exhausted its memory.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import IO, Any

from assistant.retrieval import formats

_IDLE = 60.0  # seconds without work after which the process ends, and its memory is free again
_LARGE = 600_000  # kilobytes
_FORBIDDEN = (
    "socket.connect",
    "socket.bind",
    "socket.sendto",
    "socket.getaddrinfo",
    "subprocess.Popen",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
    "os.fork",
    "os.forkpty",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.symlink",
    "os.link",
    "shutil.rmtree",
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main() -> None:
    """Answer requests until there are none."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a parser that prints does not garble the answers
    sys.addaudithook(_refuse)
    last = False
    while not last:
        idle = threading.Timer(_IDLE, os._exit, (0,))
        idle.daemon = True
        idle.start()
        line = requests.readline()
        idle.cancel()
        if not line:
            return
        request = json.loads(line)
        answer = _answer(requests, request)
        # What a parser was doing when memory ran out may never end well, locks that it held too.
        last = _peak() > _LARGE or answer.get("damaged") == MemoryError.__name__
        answers.write(json.dumps({**answer, "last": last}).encode() + b"\n")
        answers.flush()


def _answer(requests: IO[bytes], request: dict[str, Any]) -> dict[str, Any]:
    data = requests.read(request["bytes"])
    try:
        _limit(request["seconds"], request["memory"])
        pages = []
        left = request["characters"]
        for page in formats.READERS[request["suffix"]](data):
            left -= len(page)
            if left < 0:
                return {"much": True}
            pages.append(page)
        return {"pages": pages}
    except formats.UnreadableError as error:
        return {"refused": str(error)}
    except Exception as error:  # noqa: BLE001 - damaged files make parsers raise anything
        return {"damaged": type(error).__name__}


def _limit(seconds: float, memory: int) -> None:
    """Let the system end this process when a file takes too much, where it can."""
    try:
        import resource
    except ImportError:  # Windows: the parent's clock is the only limit
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime + seconds) + 2
    for kind, most in ((resource.RLIMIT_CPU, until), (resource.RLIMIT_AS, memory)):
        _, hard = resource.getrlimit(kind)
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(kind, (soft, hard))
        except (OSError, ValueError):
            continue  # macOS knows the name of RLIMIT_AS, not the limit


def _peak() -> int:
    """Return the most memory that this process ever held, in kilobytes; 0 if unknown."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Keep a parser that a hostile file has turned from doing harm by Python's own means."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"a document's reader may not use {event}")
    if event == "open":
        _, mode, flags = arguments
        writes = set(mode) & set("wax+") if isinstance(mode, str) else (flags or 0) & _WRITING
        if writes:
            raise PermissionError("a document's reader may not write files")


if __name__ == "__main__":
    main()
