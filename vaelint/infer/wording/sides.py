"""Names that stand for one side of something: of a comparison, of a game, of a moment in time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from vaelint import ir
from vaelint.knowledge.lexicon import split


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Where a sign may be turned on purpose, in a name or in the text of a function.
GAMES = re.compile(
    r"adversar|attack|unlearn|forget|retain_loss|revers(?:al|e_grad)|grad\w*_rev|confus|fool|ascent|ascend|perturb"
    r"|(?:\b|_)w?gan(?:\b|_|s\b)|discriminat|minimax|min-max|lagrang|\bdual|wasserstein|contrastive_div|maximi[sz]e|competiti"
    r"|\btargeted\b|target_label|\badv_",
    re.I,
)


@lru_cache(maxsize=512)
def speaks_of_games(text: str) -> bool:
    """Whether a name, or the text of a unit, does: that of a long one is asked for at each of its rows."""
    return GAMES.search(text) is not None


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
_ENTROPY = re.compile(r"(?<!cross)(?<!cross_)entrop", re.I)  # wanted up or down by context, whatever it is called


def of(e: ir.Expr, name: str) -> frozenset[str]:
    """The words of a dotted name, or of a call's function (arguments say nothing of it), and of ``name``."""
    path = _path(e)
    entropy = frozenset({"ent"}) if _ENTROPY.search(path) else frozenset()
    return frozenset((*split(path), *split(name))) - {"self"} | entropy


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


def _path(e: ir.Expr) -> str:
    match e:
        case ir.Call(func=func):
            return _path(func)
        case ir.Attr(base=b, name=n):
            return f"{_path(b)}_{n}"
        case ir.Subscript(base=b, index=i):
            return f"{_path(b)}_{i.value}" if isinstance(i, ir.Const) and isinstance(i.value, str) else _path(b)
        case ir.Name(name=n):
            return n
        case _:
            return ""
