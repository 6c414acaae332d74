"""What vaelint says of one text, from memory. Imports nothing of ``bench``.

As a program it judges whichever vaelint comes first on ``PYTHONPATH``, so that this bench can measure another state of
it: one JSON object a line on standard input (``path``, ``texts``), one list of results a line on standard output. The
working directory is the package's folder, so that what reads other files of the package finds them.
"""

from __future__ import annotations

import json
import signal
import sys
from types import FrameType
from typing import Any

SECONDS = 120  # for one text
CRASH = "crash:"


class Slow(Exception):
    pass


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Slow


def analyse_text(path: str, text: str) -> dict[str, Any]:
    """Findings as (code, row, message), objectives as (function, row, status, reason); ``error`` if it failed."""
    from vaelint.config import Config
    from vaelint.engine import analyse

    try:
        if hasattr(signal, "SIGALRM"):
            signal.signal(signal.SIGALRM, _stop)
            signal.alarm(SECONDS)
        result = analyse([], Config(), stdin=(path, text))
    except Slow:
        return {"findings": [], "objectives": [], "error": f"not done after {SECONDS} s"}
    except Exception as error:  # whatever it is, it is a result
        return {"findings": [], "objectives": [], "error": f"{CRASH} {type(error).__name__}: {error}"[:200]}
    finally:
        if hasattr(signal, "SIGALRM"):
            signal.alarm(0)
    return {
        # VL0xx speak of the file and of comments in it, not of signs.
        "findings": [(f.code, f.location.row, f.message) for f in result.findings if not f.code.startswith("VL0")],
        "objectives": [(o.function, o.location.row, o.status.value, o.reason) for o in result.objectives],
        "error": "; ".join(p.message for p in result.problems if p.fatal)[:200],
    }


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps([analyse_text(asked["path"], text) for text in asked["texts"]]), flush=True)  # noqa: T201


if __name__ == "__main__":
    del sys.path[0]  # this folder: its modules are not to stand before those of others
    main()
