"""What the text of a Python file says of its place in a project, by its bytes alone: no parse, no other file."""

from __future__ import annotations

import re
from typing import NamedTuple

from vaelint.records import record

_IMPORTS = re.compile(
    rb"^[ \t]*(?:from[ \t]+(\.*)[ \t]*([\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n]*)|import[ \t]+([^\n]*))", re.M
)
# What a file must mention to optimise anything: only such files say something of those that they import. Plain texts:
# to search for each of them is ten times as fast as one expression for all.
_OPTIMISES = (
    b"backward(", b"grad(", b"inimize", b"inimise", b"aximize", b"aximise", b"ptimiz", b"ptimis", b"optax",
    b"apply_gradients", b"SVI", b"MCMC", b"NUTS", b"HMC", b"nuts", b"hmc", b"ampler", b"training_step",
    b"compute_loss", b"objective", b"potential_fn", b"log_density", b"logdensity",
)  # fmt: skip
_COMPILES = re.compile(rb"(?<!\bre)\.compile\(")  # a model, no expression
_CLASS = re.compile(rb"^class[ \t]+(\w+)[ \t]*\(([^)]*)\)[ \t]*:", re.M)
_METHOD = re.compile(rb"^[ \t]+(?:async[ \t]+)?def[ \t]+(\w+)", re.M)


class Import(NamedTuple):
    """``from ..a import b, c`` (``dots``: how many; ``names``: b and c), or a module of ``import a.b`` (no names)."""

    dots: int
    module: str
    names: tuple[str, ...] | None

    @property
    def words(self) -> tuple[str, ...]:
        """The names of all modules that it may lead to; the empty one for a package that it stands in."""
        return (self.module.rpartition(".")[2], *(self.names or ()))


@record(frozen=True, slots=True)
class Facts:
    """``classes``: those with bases, each with the last words of these; ``methods``: what is defined inside others."""

    imports: tuple[Import, ...] = ()
    optimises: bool = False
    classes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    methods: frozenset[str] = frozenset()


def read(data: bytes) -> Facts:
    return Facts(
        tuple(_imports(data)),
        any(word in data for word in _OPTIMISES) or (b".compile(" in data and _COMPILES.search(data) is not None),
        tuple((_text(name), _bases(bases)) for name, bases in _CLASS.findall(data)),
        frozenset(map(_text, _METHOD.findall(data))),
    )


def _imports(data: bytes) -> list[Import]:
    """Each once, in order."""
    out: dict[Import, None] = {}
    for dots, module, names, plain in _IMPORTS.findall(data):
        if plain:
            heads = (part.split() for part in plain.split(b","))
            out |= dict.fromkeys(Import(0, _text(words[0]), None) for words in heads if words)
        else:
            out[Import(len(dots), _text(module), tuple(map(_text, re.findall(rb"[\w]+", names))))] = None
    return list(out)


def _bases(written: bytes) -> tuple[str, ...]:
    return tuple(_text(base.rpartition(b".")[2]) for base in re.findall(rb"[\w.]+", written))


def _text(word: bytes) -> str:
    return word.decode(errors="replace")
