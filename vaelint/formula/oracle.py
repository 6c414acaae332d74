"""The formula oracle: what a hand-written expression is, told by its values and not by its names.

`decide` compares an expression with every reference (``families/``) at sample points, up to a positive scale and a
constant. No agreement, no fact. If no reference agrees, each sign in the expression is turned once: where exactly one
makes it agree, that sign is a slip.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from vaelint import ir
from vaelint.formula.domain import domains
from vaelint.formula.evaluate import Undefined, evaluate
from vaelint.formula.form import NOWHERE, ONE, Form, Leaf, Named, Num, Op, leaves, rewritten, show, size, walk
from vaelint.formula.reader import Resolve, read
from vaelint.formula.reference import Reference, Way
from vaelint.formula.table import MAX_LEAVES, POINTS, SAMPLES, Match, matches
from vaelint.sense import Basis, Meaning, Sense

MAX_SIGNS = 14  # of an expression that is searched for a slip
MAX_SIZE = 80  # its parts


@dataclass(frozen=True, slots=True)
class Fact:
    """The expression is ``scale`` × ``reference`` + ``offset``.

    ``meaning`` is that of the expression, the sign of ``scale`` taken in. ``roles``: role → the leaf that plays it.
    ``strict``: so short a formula that only a fitting name makes it more than a coincidence.
    """

    meaning: Meaning
    reference: str
    scale: float
    offset: float
    reason: str
    noun: str
    roles: dict[str, Leaf] = field(hash=False)
    data: str = ""
    strict: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Slip:
    """One turned sign away from a reference. ``node``: the term whose sign it is; ``flip``: the change, in words.

    ``either``: the formula has two parts with opposed signs that should have the same; which of them is wrong, the
    formula alone does not say. ``sure``: more than a few terms, or a normalising constant, say what was meant.
    """

    reference: str
    node: int
    flip: str
    mended: Fact
    either: bool = False
    sure: bool = True
    turn: str = ""  # "+-" or "-+" where the sign is an operator between two terms


Wanted = Callable[[], "Sense | None"]
Positive = Callable[[Leaf], bool]

_WEIGHT = re.compile(
    r"(?:^|[._])(?:w|weights?|beta|alpha|lam(?:bda)?|coef\w*|scale|mask|gamma|n|num\w*|n_\w+|count\w*|batch_size|\w+_weight|kld?_w\w*)$",
    re.I,
)


def is_weight(leaf: Leaf) -> bool:
    """Whether a name says that its value is a positive factor."""
    return _WEIGHT.search(leaf.name) is not None


def decide(
    e: ir.Expr, resolve: Resolve = lambda e: None, wanted: Sense | None = None, positive: Positive = is_weight
) -> Fact | Slip | None:
    """What ``e`` is. ``resolve`` gives the form of a name, attribute or call that is known from elsewhere.

    ``wanted`` is the sense that a name claims for the expression; it settles which side of an ambiguous slip is meant.
    """
    form = read(e, resolve)
    if form is None:
        return None
    return recognise(form, positive) or find_slip(form, wanted, positive)


# --- facts ---------------------------------------------------------------------------------------


def recognise(form: Form, positive: Positive = is_weight) -> Fact | None:
    """The reference that the form is; names are looked into step by step until one fits."""
    return next(readings(form, positive), None)


def readings(form: Form, positive: Positive = is_weight) -> Iterator[Fact]:
    """What the form may be, with more and more of its local names looked into."""
    for view in views(form):
        found = _best(view, positive)
        if found is not None:
            yield found


def views(form: Form) -> list[Form]:
    """The form with its local names as leaves, then looked into: those of one leaf alone, one level, all."""
    out: list[Form] = []
    for view in (_closed(form), _scales_open(form), _closed(_opened(form)), _open(form)):
        if view not in out:
            out.append(view)
    return out


def _closed(form: Form) -> Form:
    return rewritten(form, lambda x: _as_leaf(x) if isinstance(x, Named) else None)


def _as_leaf(x: Named) -> Form:
    return x.form if isinstance(x.form, (Num, Leaf)) else Leaf(x.key, x.name)


def _opened(form: Form) -> Form:
    """The outermost names looked into, the names in them kept."""
    if isinstance(form, Named):
        return form.form
    if isinstance(form, Op):
        return Op(form.fn, tuple(_opened(a) for a in form.args), form.node)
    return form


def _scales_open(form: Form) -> Form:
    """``std = exp(0.5 * logvar)`` is looked into, ``mean = W @ x + b`` is not."""

    def change(x: Form) -> Form | None:
        if not isinstance(x, Named):
            return None
        return _open(x) if len(leaves(x)) <= 1 and size(x, 12) < 12 else _as_leaf(x)

    return rewritten(form, change)


def _open(form: Form) -> Form:
    return rewritten(form, lambda x: None)


def _best(form: Form, positive: Positive) -> Fact | None:
    met = leaves(form)
    found = matches(form, met)
    if not found and len(met) > 1:
        lighter = _without_weights(form, met, positive)
        if lighter is not None:
            found = matches(lighter, leaves(lighter))
    if not found:
        linked = _linked(form, met)
        if linked is not None:
            found = matches(linked, leaves(linked))
    if not found:
        lifted = _lifted(form)
        if lifted is not None:
            found = matches(lifted, leaves(lifted))
    if not found:
        return None
    return fact_of(max(found, key=_fit))


def _without_weights(form: Form, met: list[Leaf], positive: Positive) -> Form | None:
    """The form without the leaves that are positive factors of the whole of it; None if there are none."""
    kinds = domains(form)
    count: dict[str, int] = {}
    at = {}
    for leaf in met:
        domain = kinds[leaf.key]
        count[domain] = i = count.get(domain, -1) + 1
        if i >= len(SAMPLES[domain]):
            return None
        at[leaf.key] = SAMPLES[domain][i]
    try:
        values = evaluate(form, at, POINTS)
    except Undefined:
        return None
    factors = set()
    for leaf in met:
        if not positive(leaf):
            continue
        try:
            doubled = evaluate(form, {**at, leaf.key: [2 * x for x in at[leaf.key]]}, POINTS)
        except Undefined:
            continue
        ratio = [d / x for d, x in zip(doubled, values) if x]
        if ratio and (all(abs(r - 2) < 1e-9 for r in ratio) or all(abs(r - 0.5) < 1e-9 for r in ratio)):
            factors.add(leaf.key)
    if not factors:
        return None
    return rewritten(form, lambda x: ONE if isinstance(x, Leaf) and x.key in factors else None)


_LOG_NAME = re.compile(r"(?:^|(?<=[._]))(?:log|ln)_?(?=[a-z])", re.I)


def _linked(form: Form, met: list[Leaf]) -> Form | None:
    """``log_std`` beside ``std``: the one is the logarithm of the other. None if no two leaves are called so."""
    by_name = {x.name.lower(): x for x in met}
    linked: dict[str, Form] = {}
    for leaf in met:
        bare = _LOG_NAME.sub("", leaf.name.lower(), count=1)
        other = by_name.get(bare)
        if other is not None and other is not leaf:
            linked[leaf.key] = Op("log", (other,))
    if not linked:
        return None
    return rewritten(form, lambda x: linked.get(x.key) if isinstance(x, Leaf) else None)


def _lifted(form: Form) -> Form | None:
    """``softplus(rho)`` where ``rho`` stands nowhere else: a positive leaf of its own."""
    inside: dict[str, set[str]] = {}

    def visit(x: Form, parent: str) -> None:
        if isinstance(x, Leaf):
            inside.setdefault(x.key, set()).add(parent)
        elif isinstance(x, Op):
            for a in x.args:
                visit(a, x.fn)
        elif isinstance(x, Named):
            visit(x.form, parent)

    visit(form, "")
    lift = {key for key, parents in inside.items() if parents == {"softplus"}}
    if not lift:
        return None

    def change(x: Form) -> Form | None:
        if isinstance(x, Op) and x.fn == "softplus" and isinstance(x.args[0], Leaf) and x.args[0].key in lift:
            return Leaf(f"softplus({x.args[0].key})", f"softplus({x.args[0].name})")
        return None

    return rewritten(form, change)


# --- which of several readings -------------------------------------------------------------------

_HINTS = {
    "x": r"x|y|z|w|obs|target|true|sample|value|data|label|gold|act",
    "y": r"y|x|t|target|label|true|gold|obs|count",
    "r": r"res|diff|err|delta|dev",
    "mu": r"mu|mean|loc|m|pred|hat|recon",
    "nu": r"prior|mu|mean|loc|m|target|p|2|0|old",
    "v": r"var|sig|std|scale|prec|q",
    "w": r"prior|var|sig|std|p|2|old",
    "p": r"p|prob|hat|pred|out|new|student|act",
    "q": r"q|target|teacher|old|prior",
    "m": r"m|mu|mean|loc|rate|lam|pred",
}


def _fit(m: Match) -> tuple[int, int, int, float]:
    reference = m.entry.reference
    named = 0
    for role, leaf in m.roles.items():
        hint = _HINTS.get(role)
        if hint and re.search(rf"(?:^|[^a-z])(?:{hint})", leaf.name, re.I):
            named += 1
        named += _parameter_fits(leaf.name, m.entry.ways[role].name)
    return (not reference.strict, reference.exact, named, -abs(m.offset))


def _parameter_fits(name: str, way: str) -> int:
    logarithmic = re.search(r"log|lv|ls", name, re.I) is not None
    return int(way.startswith("log") == logarithmic) if way else 0


class _Shown:
    """A leaf in a reason: ``{v}`` is its name, ``{v:1}`` its value where the role is 1."""

    def __init__(self, leaf: Leaf, way: Way) -> None:
        self.leaf, self.way = leaf, way

    def __format__(self, spec: str) -> str:
        return f"{self.way.neutral:g}" if spec == "1" else self.leaf.name


def fact_of(m: Match) -> Fact:
    reference: Reference = m.entry.reference
    sense = reference.sense if m.scale > 0 else -reference.sense
    shown = {role: _Shown(leaf, m.entry.ways[role]) for role, leaf in m.roles.items()}
    noun = reference.noun.format(**shown)
    if m.scale < 0:
        noun = _negated_noun(noun)
    optimum = reference.optimum.format(**shown)
    extreme = "least" if sense is Sense.COST else "greatest"
    reason = f"{extreme} at {optimum}: {noun}" if optimum and sense.directed else noun
    meaning = Meaning(sense, reference.kind, Basis.FACT)
    return Fact(
        meaning,
        reference.name,
        m.scale,
        m.offset,
        reason,
        noun,
        m.roles,
        reference.data,
        reference.strict,
        reference.exact,
    )


def _negated_noun(noun: str) -> str:
    if noun.startswith("the negative "):
        return "the " + noun.removeprefix("the negative ")
    return f"minus {noun}"


# --- slips ---------------------------------------------------------------------------------------


def find_slip(form: Form, wanted: Sense | None = None, positive: Positive = is_weight) -> Slip | None:
    """The one sign that makes the form a reference when turned; None if there is none or more than one."""
    for view in views(form):
        found = _slip(view, wanted, positive)
        if found is not None:
            return found
    return None


def _signs(form: Form) -> list[Op]:
    return list({x.node: x for x in walk(form) if isinstance(x, Op) and x.fn in _TURNED and x.node != NOWHERE}.values())


_TURNED = {"add": "sub", "sub": "add", "neg": "pos"}


def _turned(form: Form, site: Op) -> Form:
    def change(x: Form) -> Form | None:
        if not isinstance(x, Op) or x.node != site.node or x.fn != site.fn:
            return None
        if x.fn == "neg":
            return x.args[0]
        return Op(_TURNED[x.fn], x.args, x.node)

    return rewritten(form, change)


def _slip(form: Form, wanted: Sense | None, positive: Positive) -> Slip | None:
    signs = _signs(form)
    if not signs or len(signs) > MAX_SIGNS or size(form) > MAX_SIZE or not 0 < len(leaves(form)) <= MAX_LEAVES:
        return None
    fits: list[tuple[Op, Fact]] = []
    for site in signs:
        mended = _turned(form, site)
        fact = _best(mended, positive)
        if fact is not None:
            fits.append((site, fact))
    if not fits or any(not has_slips(fact.reference) for _, fact in fits):
        return None
    sure = _has_normaliser(form) or fits[0][1].meaning.kind in ("kl", "cross_entropy")
    if len(fits) == 1:
        return _made(*fits[0], False, sure)
    if (
        len({fact.reference for _, fact in fits}) == 1
        and len({fact.scale > 0 for _, fact in fits}) == 2
        and len(fits) == 2
    ):
        # Two parts with opposed signs: either could be turned; the name says which, or the operator between them.
        chosen = next((x for x in fits if wanted is not None and x[1].meaning.sense is wanted), None)
        if chosen is None:
            chosen = next((x for x in fits if x[0].fn != "neg"), fits[0])
        return _made(*chosen, wanted is None, sure)
    return None


def has_slips(reference: str) -> bool:
    from vaelint.formula.families import all_references

    return next(r.slips for r in all_references() if r.name == reference)


def _has_normaliser(form: Form) -> bool:
    """``log(2 * pi * …)`` or its value: nobody writes it outside a log-density."""
    known = (3.141592653589793, 6.283185307179586, 1.8378770664093453, 0.9189385332046727)
    return any(isinstance(x, Num) and any(abs(x.value - k) < 1e-5 for k in known) for x in walk(form))


def _made(site: Op, fact: Fact, either: bool, sure: bool) -> Slip:
    term = show(site.args[-1])
    was, becomes = {"add": ("+", "-"), "sub": ("-", "+"), "neg": ("-", "+")}[site.fn]
    flip = f"`{was} {term}` should be `{becomes} {term}`"
    if site.fn == "neg":
        flip = f"the minus in front of `{term}` should not be there"
    turn = "" if site.fn == "neg" else was + becomes
    return Slip(fact.reference, site.node, flip, fact, either, sure, turn)
