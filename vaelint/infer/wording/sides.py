"""Names that stand for one side of something: of a comparison, of a game, of a moment in time."""

from __future__ import annotations

from collections.abc import Sequence

from vaelint import ir
from vaelint.knowledge.lexicon import split
from vaelint.knowledge.vocabulary import Words

# Where a sign may be turned on purpose, in a name or in the text of a function.
GAMES = Words("game")


def speaks_of_games(*identifiers: str) -> bool:
    """Whether a name, or a word of the code around, does."""
    return GAMES.any(identifiers)


NEGATED = Words("negated_word")
CONTRAST = Words("contrast")
_SIDE = Words("one_side")  # one word of these is enough: who says `best` has another one in mind
_HALF = Words("half")  # these mean one side only where the other name has one, too, or is the same without it
_PLAYERS = Words("loss_of_player")
_ENTROPY = Words("entropy_aside")  # wanted up or down by context, whatever it is called


def of(e: ir.Expr, name: str) -> frozenset[str]:
    """The words of a dotted name, or of a call's function (arguments say nothing of it), and of ``name``."""
    path = _path(e)
    entropy = frozenset({"ent"}) if _ENTROPY.any(path) else frozenset[str]()
    return frozenset(w for x in (*path, name) for w in split(x)) - {"self"} | entropy


def compared(names: Sequence[frozenset[str]]) -> bool:
    """Whether these are sides of one comparison, by the words of each."""
    if any(map(_SIDE.any, names)):
        return True
    bare = [frozenset(w for w in said if not _HALF.of(w)) for said in names]
    halves = [(said, rest) for said, rest in zip(names, bare) if rest != said]
    return len(halves) > 1 or any(
        rest == other for said, rest in halves for own, other in zip(names, bare) if own != said
    )


def play(*names: str) -> bool:
    """Whether a name speaks of a player of a game, or says itself that something is negated."""
    return _PLAYERS.any(names)


def _path(e: ir.Expr) -> list[str]:
    """The names and keys that lead to it."""
    match e:
        case ir.Call(func=func):
            return _path(func)
        case ir.Attr(base=b, name=n):
            return [*_path(b), n]
        case ir.Subscript(base=b, index=i):
            return [*_path(b), i.value] if isinstance(i, ir.Const) and isinstance(i.value, str) else _path(b)
        case ir.Name(name=n):
            return [n]
        case _:
            return []
