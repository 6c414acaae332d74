"""The formula oracle: what a hand-written expression is, told by its values and not by its names.

`decide` compares an expression with every reference (``families/``) at sample points, up to a positive scale and a
constant. No agreement, no fact. If no reference agrees, each sign in the expression is turned once: where exactly one
makes it agree, that sign is a slip.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from string import Formatter

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.formula import checked
from vaelint.formula.form import NOWHERE, Form, Leaf, Num, Op, leaves, rewritten, show, size, walk
from vaelint.formula.reader import Resolve, read
from vaelint.formula.reference import Reference, Way
from vaelint.formula.table import MAX_LEAVES, Match, matches
from vaelint.formula.views import Positive, balanced, lifted, linked, numbered, views, without_weights
from vaelint.sense import Meaning, Sense

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
    inverse: bool = False  # a leaf that is called a variance or scale is read as a precision


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
    signs: int = 1  # how many are flipped: all but one, where that one alone gives the negation of what is claimed


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


def _best(form: Form, positive: Positive) -> Fact | None:
    met = leaves(form)
    for view, assumed, found in _found(form, met, positive):
        for m in sorted(found, key=_fit, reverse=True):
            if checked.is_reference(view, m):
                return fact_of(m, checked.is_best(view, m), assumed)
    return None


def _found(form: Form, met: list[Leaf], positive: Positive) -> Iterator[tuple[Form, str, list[Match]]]:
    """The form, or the first of its other views, with the references that it meets at the points of the table.

    Beside a view stands what it takes for granted, in words.
    """
    found = matches(form, met)
    if found:
        yield form, "", found
        return
    for other, assumed in _others(form, met, positive):
        found = matches(other, leaves(other))
        if found:
            yield other, assumed, found
            return
    for other in numbered(form) if len(met) > 1 else ():
        found = [m for m in matches(other, leaves(other)) if _may_hold_numbers(m.entry.reference)]
        if found:
            yield other, "", found
            return


def _may_hold_numbers(reference: Reference) -> bool:
    return reference.kind in ("kl", "nll", "cross_entropy") and not reference.strict


def _others(form: Form, met: list[Leaf], positive: Positive) -> Iterator[tuple[Form, str]]:
    """The form in other views, where as it stands it is no reference, with what they take for granted."""
    for other, assumed in (
        (without_weights(form, met, positive) if len(met) > 1 else None, "for {} above 0"),
        (linked(form, met), "{} being the logarithm that its name says"),
        (lifted(form), ""),
        (balanced(form, met, positive) if len(met) > 1 else None, "for {} between 0 and 1"),
    ):
        if other is not None:
            kept = {x.key for x in leaves(other)}
            yield other, assumed.format(" and ".join(x.name for x in met if x.key not in kept))


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
    """A role in a reason: ``{v}`` is its value, ``{v:1}`` that of its leaf where the role is 1, ``{v:_}`` the leaf."""

    def __init__(self, leaf: Leaf, way: Way) -> None:
        self.leaf, self.way = leaf, way

    def __format__(self, spec: str) -> str:
        if spec == "1":
            return f"{self.way.neutral:g}"
        return self.leaf.name if spec == "_" else self.way.text.replace("_", self.leaf.name)


def fact_of(m: Match, best: bool, assumed: str = "") -> Fact:
    """``best``: the place of its optimum was checked, and may be said; ``assumed``: what is taken for granted."""
    reference: Reference = m.entry.reference
    sense = reference.sense if m.scale > 0 else -reference.sense
    shown = {role: _Shown(leaf, m.entry.ways[role]) for role, leaf in m.roles.items()}
    noun = reference.noun.format(**shown)
    if m.scale < 0:
        noun = _negated_noun(noun)
    optimum = ", ".join(_place(clause, shown) for clause in reference.optimum.split(", ")) if best else ""
    extreme = "least" if sense is Sense.COST else "greatest"
    reason = f"{extreme} at {optimum}: {noun}" if optimum and sense.directed else noun
    reason += f" ({assumed})" if assumed else ""
    meaning = Meaning(sense, reference.kind, Basis.PROOF)
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
        any("precision" in m.entry.ways[r].name and _IS_SCALE.search(leaf.name) for r, leaf in m.roles.items()),
    )


def _place(clause: str, shown: dict[str, _Shown]) -> str:
    """``{v} = {w}`` with the leaves, where both are written in one way (``logvar = prior_logvar``), else the values."""
    fields = [(name, spec) for _, name, spec, _ in Formatter().parse(clause) if name is not None]
    match fields:
        case [(a, ""), (b, spec)] if clause == f"{{{a}}} = {{{b}{':' * bool(spec)}{spec}}}":
            if spec == "1" or shown[a].way.text == shown[b].way.text:
                return f"{shown[a]:_} = {shown[b]:{spec or '_'}}"
    return clause.format(**shown)


_IS_SCALE = re.compile(r"var|std|sig|scale", re.I)


def _negated_noun(noun: str) -> str:
    if noun.startswith("the negative "):
        return "the " + noun.removeprefix("the negative ")
    return f"minus {noun}"


# --- slips ---------------------------------------------------------------------------------------


def find_slip(
    form: Form, wanted: Sense | None = None, positive: Positive = is_weight, whole: Sense | None = None
) -> Slip | None:
    """The one sign that makes the form a reference when turned; None if there is none or more than one.

    ``wanted``: what is made of it in the end; ``whole``: what the name of this very value says.
    """
    for view in views(form):
        found = _slip(view, wanted, positive, whole)
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


def _slip(form: Form, wanted: Sense | None, positive: Positive, whole: Sense | None) -> Slip | None:
    signs = _signs(form)
    if not signs or len(signs) > MAX_SIGNS or size(form) > MAX_SIZE or not 0 < len(leaves(form)) <= MAX_LEAVES:
        return None
    fits: list[tuple[Op, Fact]] = []
    for site in signs:
        mended = _turned(form, site)
        fact = _best(mended, positive)
        if fact is not None:
            fits.append((site, fact))
    direct = [x for x in fits if not x[1].inverse]
    if fits and not direct:
        return _missing_minus(form, positive)
    fits = direct
    if not fits or any(not has_slips(fact.reference) for _, fact in fits):
        return None
    sure = _has_normaliser(form) or fits[0][1].meaning.kind in ("kl", "cross_entropy")
    if len(fits) == 1:
        return (
            _leading(form, *fits[0], whole, positive, sure)
            or _all_others(form, *fits[0], whole, positive, sure)
            or _made(*fits[0], False, sure)
        )
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


def _leading(form: Form, site: Op, mended: Fact, wanted: Sense | None, positive: Positive, sure: bool) -> Slip | None:
    """``a - b`` under a name that wants ``-a - b``: the sign that slipped is the one that nobody wrote."""
    if wanted is None or site.fn not in ("add", "sub") or site is not _core(form):
        return None
    if mended.meaning.sense is not -wanted:
        return None
    fact = _best(Op("neg", (_turned(form, site),), NOWHERE), positive)
    if fact is None or fact.meaning.sense is not wanted:
        return None
    flip = f"`{show(site.args[0])}` should be `-{show(site.args[0])}`"
    return Slip(fact.reference, site.node, flip, fact, False, sure)


def _all_others(
    form: Form, site: Op, mended: Fact, claimed: Sense | None, positive: Positive, sure: bool
) -> Slip | None:
    """Where the one sign gives minus what the name claims: the formula is that with all the *other* signs flipped."""
    if claimed is None or mended.meaning.sense is not -claimed or site.fn not in ("add", "sub"):
        return None
    terms = _terms(_core(form), 1)
    kept = _terms(site.args[1], 1)
    others = [(sign, x) for sign, x in terms if not any(x is k for _, k in kept) and leaves(x)]
    if not others or len(others) + len(kept) > len(terms):
        return None
    fact = _best(Op("neg", (_turned(form, site),), NOWHERE), positive)
    if fact is None or fact.meaning.sense is not claimed:
        return None
    flip = f"`{_sum(others, 1)}` should be `{_sum(others, -1)}`"
    at = next((x.node for _, x in others if isinstance(x, Op) and x.node != NOWHERE), site.node)
    return Slip(fact.reference, at, flip, fact, False, sure, "", len(others))


def _terms(form: Form, sign: int) -> list[tuple[int, Form]]:
    """The summands of a sum with their signs."""
    match form:
        case Op(fn="add" | "sub" as fn, args=(a, b)):
            return [*_terms(a, sign), *_terms(b, sign if fn == "add" else -sign)]
        case Op(fn="neg", args=(a,)):
            return _terms(a, -sign)
        case _:
            return [(sign, form)]


def _sum(terms: list[tuple[int, Form]], factor: int) -> str:
    (first, x), *rest = terms
    text = show(x if first * factor > 0 else Op("neg", (x,)))
    return text + "".join(f" {'+' if sign * factor > 0 else '-'} {show(y)}" for sign, y in rest)


def _core(form: Form) -> Form:
    """A sum without the reduction and the weight around it."""
    while isinstance(form, Op) and (form.fn in ("sum", "mean") or (form.fn == "mul" and isinstance(form.args[0], Num))):
        form = form.args[-1]
    return form


def _missing_minus(form: Form, positive: Positive) -> Slip | None:
    """``exp(log_var)`` where the formula has its inverse: the one minus that makes it fit."""
    fits: list[tuple[Op, Fact]] = []
    for site in {x.node: x for x in walk(form) if isinstance(x, Op) and x.fn == "exp" and x.node != NOWHERE}.values():
        inner = Op("exp", (Op("neg", site.args),), site.node)
        mended = rewritten(form, lambda x, i=inner, s=site: i if x == s else None)  # type: ignore[misc]
        fact = _best(mended, positive)
        if fact is not None and not fact.inverse and has_slips(fact.reference):
            fits.append((site, fact))
    if len(fits) != 1:
        return None
    site, fact = fits[0]
    flip = f"`{show(site)}` should be `{show(Op('exp', (Op('neg', site.args),)))}`"
    return Slip(fact.reference, site.node, flip, fact)


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
