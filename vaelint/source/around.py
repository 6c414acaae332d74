"""What stands around a node: the code of its unit, and the words that are written in it, comments and strings included.

Who asks looks the words up (`vaelint.knowledge.vocabulary`) and reads the code: outside of this package no text of a
file is searched.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import TypeVar, cast

from vaelint import ir

T = TypeVar("T")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")


class Around:
    """A unit: a function, a class, or a run of statements. ``words``: whatever in its text could be an identifier."""

    def __init__(self, words: frozenset[str], lowered: Callable[[], ir.Block]) -> None:
        self.words = words
        self._lowered = lowered
        self._read: dict[Callable[[ir.Block], object], object] = {}

    @cached_property
    def code(self) -> ir.Block:
        return self._lowered()

    def once(self, read: Callable[[ir.Block], T]) -> T:
        """What a function reads of the code: read once, however many statements of the unit ask for it."""
        if read not in self._read:
            self._read[read] = read(self.code)
        return cast(T, self._read[read])


NOTHING = Around(frozenset(), tuple)


def words_of(text: str) -> frozenset[str]:
    return frozenset(_IDENTIFIER.findall(text))
