"""Where the documentation of a check is."""

from __future__ import annotations

HOME = "https://github.com/vaelint/vaelint"
CHECKS = f"{HOME}/blob/main/docs/checks.md"


def url(code: str) -> str:
    return f"{CHECKS}#{code.lower()}"
