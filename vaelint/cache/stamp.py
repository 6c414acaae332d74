"""What stands for the program: its own code and rules, and what it is run by. Another one gives other answers."""

from __future__ import annotations

import hashlib
import os
import sys
from importlib.util import find_spec

_OURS = (".py", ".toml", ".json")
_USED = ("libcst", "numpy")  # whose versions may change an answer


def stamp() -> str:
    """A hash of the interpreter, and of the files of vaelint: their names, their sizes, when they were written."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    seen = [sys.version, sys.implementation.name]
    for folder in (package, os.path.join(os.path.dirname(package), "rules")):  # noqa: PTH118, PTH120
        seen += _files(folder, "")
    for name in _USED:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            seen += [name, *_files(os.path.dirname(spec.origin), "", deep=False)]  # noqa: PTH120
    return hashlib.blake2b("\n".join(seen).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _files(folder: str, inside: str, deep: bool = True) -> list[str]:
    out: list[str] = []
    try:
        entries = sorted(os.scandir(folder), key=lambda e: e.name)
    except OSError:
        return out
    for e in entries:
        if e.name.endswith(_OURS):
            status = e.stat()
            out.append(f"{inside}{e.name} {status.st_size} {status.st_mtime_ns}")
        elif deep and "." not in e.name and e.name != "__pycache__" and e.is_dir():
            out += _files(e.path, f"{inside}{e.name}/")
    return out
