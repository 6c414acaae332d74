"""The same as ``text``, by Ruff's name for it."""

from __future__ import annotations

from vaelint.report.text import render

__all__ = ["render"]
