"""What stands around a node: the code of its unit, and the words that are written in it, comments and strings included.

Who asks looks the words up (`vaelint.knowledge.vocabulary`) and reads the code: outside of this package no text of a
file is searched.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from vaelint import ir

_IDENTIFIER = re.compile(r"[^\W\d]\w*")


class Around(NamedTuple):
    """A unit: a function, a class, or a run of statements. ``words``: whatever in its text could be an identifier."""

    code: ir.Block = ()
    words: frozenset[str] = frozenset()


NOTHING = Around()


def words_of(text: str) -> frozenset[str]:
    return frozenset(_IDENTIFIER.findall(text))
