"""Random spellings of one formula: other names, other functions, other order, another scale and offset."""

from __future__ import annotations

import math
import random

from vaelint.graph.formula import read
from vaelint.graph.node import CONSTANT, Graph, Kind, Node
from vaelint.graph.references import PARAMETERS, PLAIN, Reference, Way
from vaelint.source.quick import typed as parse

_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
_PREFIXES = ("torch.", "jnp.", "np.", "tf.math.", "K.", "")
_NAMES = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi")


GRAPH = Graph()  # all formulas of these tests are nodes of it


def form_of(text: str) -> Node:
    form = read(parse(text), GRAPH)
    assert form is not None, text
    return form


def choose_ways(reference: Reference, rng: random.Random) -> dict[str, Way]:
    return {role: rng.choice(PARAMETERS[p]) if p else PLAIN for role, p in reference.roles.items()}


class Speller:
    """Writes forms out at random; ``names`` and ``ways`` say what each role is called and how it is parametrised."""

    def __init__(self, rng: random.Random, names: dict[str, str], ways: dict[str, Way]) -> None:
        self.rng, self.names, self.ways = rng, names, ways

    def write(self, form: Node) -> str:
        match form:
            case Node(op="constant", constant=v):
                return f"{v!r}" if v >= 0 else f"({v!r})"
            case Node(leaf=leaf) if leaf is not None:
                return self.leaf(str(leaf.key))
            case Node(op="neg", args=(a,)):
                return f"({self.rng.choice(('-', '-1 * ', '-1.0 * '))}({self.write(a)}))"
            case Node(op="pow", args=(a, Node(op=op, constant=2.0))) if op == CONSTANT:
                return self.squared(self.write(a))
            case Node(op=fn, args=(a, b)) if fn in _INFIX:
                return self.joined(fn, self.write(a), self.write(b))
            case Node(op=fn, args=args):
                return self.called(fn, [self.write(a) for a in args])

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


def random_form(rng: random.Random, depth: int, names: str, constants: float, functions: float) -> Node:
    """``constants``: how often what is no operation is a number; ``functions``: how often one has one argument."""
    if depth == 0 or rng.random() < 0.15:
        if rng.random() < constants:
            return GRAPH.constant(rng.choice((0.5, 1.0, 2.0)))
        name = rng.choice(names)
        return GRAPH.leaf(Kind.OPAQUE, name, name)
    below = (depth - 1, names, constants, functions)
    if rng.random() < functions:
        fn = rng.choice(("exp", "log", "square", "neg", "abs", "softplus", "sqrt"))
        return GRAPH.apply(fn, random_form(rng, *below), origin=rng.randrange(10**9))
    fn = rng.choice(("add", "sub", "mul", "div", "add", "sub", "mul"))
    return GRAPH.apply(fn, random_form(rng, *below), random_form(rng, *below), origin=rng.randrange(10**9))
