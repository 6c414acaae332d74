"""Whether one formula is the derivative of another, up to a positive factor: by differences at sample points."""

from __future__ import annotations

from collections.abc import Iterator

from vaelint.formula.domain import domains
from vaelint.formula.evaluate import Undefined, Vector, evaluate
from vaelint.formula.form import NOWHERE, Form, Leaf, Op, rewritten
from vaelint.formula.table import POINTS, SAMPLES

STEP = 1e-5
TOLERANCE = 1e-6  # of a central difference, whose own error is of the order of the step squared
SMALL = 1e-7  # a derivative below that is no sign


def points(*forms: Form) -> dict[str, Vector] | None:
    """Values for the leaves of all forms together; None if there are more leaves than samples."""
    whole = forms[0]
    for form in forms[1:]:
        whole = Op("add", (whole, form), NOWHERE)
    at: dict[str, Vector] = {}
    count: dict[str, int] = {}
    for key, domain in domains(whole).items():
        count[domain] = i = count.get(domain, -1) + 1
        if i >= len(SAMPLES[domain]):
            return None
        at[key] = SAMPLES[domain][i]
    return at


def differentiated(form: Form, key: str, at: dict[str, Vector]) -> Vector | None:
    """``d form / d key`` at the points; None where it has no value."""
    above = {**at, key: [x + STEP for x in at[key]]}
    below = {**at, key: [x - STEP for x in at[key]]}
    try:
        high, low = evaluate(form, above, POINTS), evaluate(form, below, POINTS)
    except Undefined:
        return None
    return [(a - b) / (2 * STEP) for a, b in zip(high, low)]


def proportion(values: Vector, to: Vector) -> float:
    """The constant ``c`` with ``values = c * to`` at every point; 0 if there is none, or nothing to compare."""
    ratios = [v / t for v, t in zip(values, to) if abs(t) > SMALL]
    if len(ratios) < POINTS // 2 or any(abs(v) > 10 * SMALL for v, t in zip(values, to) if abs(t) <= SMALL):
        return 0.0
    first = ratios[0]
    same = all(abs(r - first) <= TOLERANCE * (1 + abs(first)) * 10 for r in ratios)
    return first if same and abs(first) > 1e-3 else 0.0


def agreement(of: Form, gradient: Form, key: str) -> float:
    """``c`` with ``gradient = c * d of / d key``; ``gradient`` may be written in terms of the value of ``of``."""
    at = points(of, gradient)
    slope = differentiated(of, key, at) if at is not None and key in at else None
    if at is None or slope is None:
        return 0.0
    try:
        return proportion(evaluate(gradient, at, POINTS), slope)
    except Undefined:
        return 0.0


def in_terms_of_value(of: Form, gradient: Form, key: str) -> Form:
    """``a * (1 - a)`` for the derivative of a sigmoid, whose value is ``a``: with the value put in."""
    return rewritten(gradient, lambda x: of if isinstance(x, Leaf) and x.key == key else None)


def turned(form: Form) -> Iterator[tuple[Form, int]]:
    """The form with one summand's sign turned, and the node of that summand's operator."""
    match form:
        case Op(fn="add" | "sub" as fn, args=(a, b), node=node):
            yield Op("sub" if fn == "add" else "add", (a, b), node), node
            for inner, at in turned(a):
                yield Op(fn, (inner, b), node), at
            for inner, at in turned(b):
                yield Op(fn, (a, inner), node), at
