"""What libraries and names mean, from ``rules/*.toml``. ``load().lookup("torch.nn.functional.nll_loss")``."""

from __future__ import annotations

from vaelint.knowledge.base import Knowledge
from vaelint.knowledge.library import Library, RuleError
from vaelint.knowledge.loader import load
from vaelint.knowledge.schema import KINDS, MAKES, Claim, Entry, Method, Override, Selector

__all__ = [
    "KINDS",
    "MAKES",
    "Claim",
    "Entry",
    "Knowledge",
    "Library",
    "Method",
    "Override",
    "RuleError",
    "Selector",
    "load",
]
