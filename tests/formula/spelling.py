"""Random spellings of one formula: other names, other functions, other order, another scale and offset."""

from __future__ import annotations

import math
import random

from vaelint.formula.form import Form, Leaf, Named, Num, Op
from vaelint.formula.reader import read
from vaelint.formula.reference import PARAMETERS, PLAIN, Reference, Way
from vaelint.formula.text import parse

_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
_PREFIXES = ("torch.", "jnp.", "np.", "tf.math.", "K.", "")
_NAMES = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi")


def form_of(text: str) -> Form:
    form = read(parse(text))
    assert form is not None, text
    return form


def choose_ways(reference: Reference, rng: random.Random) -> dict[str, Way]:
    return {role: rng.choice(PARAMETERS[p]) if p else PLAIN for role, p in reference.roles.items()}


class Speller:
    """Writes forms out at random; ``names`` and ``ways`` say what each role is called and how it is parametrised."""

    def __init__(self, rng: random.Random, names: dict[str, str], ways: dict[str, Way]) -> None:
        self.rng, self.names, self.ways = rng, names, ways

    def write(self, form: Form) -> str:
        match form:
            case Num(value=v):
                return f"{v!r}" if v >= 0 else f"({v!r})"
            case Leaf(key=key):
                return self.leaf(key)
            case Named(form=inner):
                return self.write(inner)
            case Op(fn="neg", args=(a,)):
                return f"({self.rng.choice(('-', '-1 * ', '-1.0 * '))}({self.write(a)}))"
            case Op(fn="pow", args=(a, Num(value=2.0))):
                return self.squared(self.write(a))
            case Op(fn=fn, args=(a, b)) if fn in _INFIX:
                return self.joined(fn, self.write(a), self.write(b))
            case Op(fn=fn, args=args):
                return self.called(fn, [self.write(a) for a in args])
        raise AssertionError(form)

    def leaf(self, role: str) -> str:
        way = self.ways[role]
        name = self.names[role]
        if way.text == "_":
            return name
        return f"({self.write_way(way.text, name)})"

    def write_way(self, text: str, name: str) -> str:
        speller = Speller(self.rng, {"_": name}, {"_": PLAIN})
        return speller.write(form_of(text))

    def squared(self, x: str) -> str:
        return self.rng.choice(
            (f"({x})**2", f"({x}).pow(2)", f"torch.square({x})", f"(({x})*({x}))", f"np.power({x}, 2)", f"(({x})**2.0)")
        )

    def joined(self, fn: str, a: str, b: str) -> str:
        forms = {
            "add": (f"({a} + {b})", f"({b} + {a})", f"({a} - (-{b}))", f"torch.add({a}, {b})"),
            "sub": (f"({a} - {b})", f"(-{b} + {a})", f"({a} + (-1)*{b})", f"({a}).sub({b})"),
            "mul": (f"({a} * {b})", f"({b} * {a})", f"({a}).mul({b})"),
            "div": (f"({a} / {b})", f"({a} * (1 / {b}))", f"torch.div({a}, {b})"),
        }[fn]
        return self.rng.choice(forms)

    def called(self, fn: str, args: list[str]) -> str:
        if len(args) == 1 and fn in ("exp", "log", "sqrt", "abs", "lgamma") and self.rng.random() < 0.4:
            return f"({args[0]}).{fn}()"
        if fn == "log" and self.rng.random() < 0.3:
            return f"torch.log({args[0]} + 1e-8)"
        library = {"max": "maximum", "min": "minimum"}.get(fn, fn)
        return f"{self.rng.choice(_PREFIXES)}{library}({', '.join(args)})"


def spelled(reference: Reference, rng: random.Random) -> tuple[str, int]:
    """A spelling of the reference, and the sign of its scale."""
    names = dict(zip(reference.roles, rng.sample(_NAMES, len(reference.roles))))
    text = Speller(rng, names, choose_ways(reference, rng)).write(form_of(reference.text))
    sign = rng.choice((1, -1))
    factor = sign * rng.choice((0.5, 1.0, 2.0, 0.1, math.pi))
    text = f"{factor} * {text}" if factor != 1 else text
    if not reference.exact and rng.random() < 0.5:
        text = f"{text} + {rng.choice((1.0, 0.5, -3))}"
    if rng.random() < 0.6:
        reduced = ("torch.sum({}, dim=-1)", "jnp.mean({})", "({}).sum(-1)", "tf.reduce_mean({}, axis=1)")
        text = rng.choice(reduced).format(text)
    return text, sign
