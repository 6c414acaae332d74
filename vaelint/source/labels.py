"""Labels in texts that a program shows: the words in front of each place that a value is put into."""

from __future__ import annotations

import re
from collections.abc import Iterator

WORDS_AT_MOST = 3  # of a label in a sentence
_PLACE = re.compile(r"%[-+ #0-9.]*[a-zA-Z]|\{[^{}]*\}")
_APART = re.compile(r"[,;|()\[\]\n\t:=]|\s{2,}|%%")


def labels_of(text: str) -> Iterator[str]:
    """What stands in front of each place of a text that a value is put into; empty where that is no label."""
    at = 0
    for place in _PLACE.finditer(text.replace("%%", "  ")):
        yield label_of(text[at : place.start()])
        at = place.end()


def label_of(text: str) -> str:
    """The last few words of a text: ``epoch 3, val loss: `` → ``val_loss``."""
    found = _APART.split(text.rstrip(" :=\t"))[-1].split()
    return "_".join(found) if 0 < len(found) <= WORDS_AT_MOST else ""
