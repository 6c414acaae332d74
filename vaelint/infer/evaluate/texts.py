"""Methods of texts that settings are asked by: ``name.startswith("neg_")``, ``mode.lower()``."""

from __future__ import annotations

from collections.abc import Callable

from vaelint.infer.arguments import Arguments
from vaelint.infer.values import Literal, Sequence, Text, Value

HOLE = "{}"  # of a formatted text: what is put in is not known
_MADE: dict[str, Callable[[str], str]] = {
    "lower": str.lower, "upper": str.upper, "strip": str.strip, "casefold": str.casefold, "title": str.title,
    "capitalize": str.capitalize,
}  # fmt: skip
# Which of a text's methods say whether something holds of it.
ASKED: dict[str, Callable[[str, tuple[str, ...]], bool]] = {"startswith": str.startswith, "endswith": str.endswith}


def method(text: Text, name: str, args: Arguments) -> Value | None:
    """What a method of a known text yields; None where it is another one, or what it is given is not known."""
    if HOLE in text.value:
        return None
    given = [a.value for a in args.given]
    if name in _MADE and not given:
        return Text(_MADE[name](text.value))
    affixes = _texts(given[0]) if name in ASKED and len(given) == 1 else None
    return None if affixes is None else Literal(ASKED[name](text.value, affixes))


def _texts(value: Value) -> tuple[str, ...] | None:
    items = value.items if isinstance(value, Sequence) and value.rest is None else (value,)
    found = [x.value for x in items if isinstance(x, Text)]
    return tuple(found) if len(found) == len(items) else None


def formatted(text: str, values: list[Value]) -> Text:
    """A formatted text with the texts that are known put in; the other holes stay."""
    first, *pieces = text.split(HOLE)
    if len(pieces) != len(values):
        return Text(text)
    return Text(first + "".join((v.value if isinstance(v, Text) else HOLE) + x for v, x in zip(values, pieces)))
