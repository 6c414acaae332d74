"""Names that stand for one side of something: of a comparison, of a game, of a moment in time."""

from __future__ import annotations

from collections.abc import Sequence

from vaelint import ir
from vaelint.knowledge.lexicon import split
from vaelint.knowledge.vocabulary import Words


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Where a sign may be turned on purpose, in a name or in the text of a function.
GAMES = Words("game")


def speaks_of_games(*identifiers: str) -> bool:
    """Whether a name, or a word of the code around, does."""
    return GAMES.any(identifiers)


NEGATORS = words("neg negative negated minus")
# One word of these is enough: who says `best` has another one in mind.
_SIDES = NEGATORS | words(
    "real fake gen generated generator d g disc dsc discriminator adv adversarial gan pos positive chosen rejected "
    "winner loser good bad forget retain clean corrupt corrupted poisoned prev previous old new last best current "
    "cur start init initial final before after baseline joint marginal marginals wake sleep entropies ent diff "
    "delta change decrease increase gap improvement uncond unconditional free bound optimal running window moving "
    "control variate non permuted shuffled random peer"
)
# These mean one side only where the other name has one, too, or is the same without it (`loss - ref_loss`).
_HALVES = words(
    "true model p n min max upper lower lo hi target train val valid validation test ref reference teacher student "
    "oracle data noise cond conditional expected exact pretrained anchor base policy first second a b i j"
)
_PLAYERS = NEGATORS | words("d g disc discriminator gen generator adv adversarial gan fake forget alpha temperature")
_ENTROPY = Words("entropy_aside")  # wanted up or down by context, whatever it is called


def of(e: ir.Expr, name: str) -> frozenset[str]:
    """The words of a dotted name, or of a call's function (arguments say nothing of it), and of ``name``."""
    path = _path(e)
    entropy = frozenset({"ent"}) if _ENTROPY.any(path) else frozenset[str]()
    return frozenset(w for x in (*path, name) for w in split(x)) - {"self"} | entropy


def compared(names: Sequence[frozenset[str]]) -> bool:
    """Whether these are sides of one comparison, by the words of each."""
    if any(_SIDES & said for said in names):
        return True
    halves = [said for said in names if _HALVES & said]
    return any(
        len(halves) > 1 or said - _HALVES == other - _HALVES for said in halves for other in names if other != said
    )


def play(*names: str) -> bool:
    """Whether a name speaks of a player of a game, or says itself that something is negated."""
    return any(_PLAYERS & {*split(name)} for name in names)


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
