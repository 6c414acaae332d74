"""Other ways to look at a form: names as leaves or looked into, weights left out, names that belong together linked."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence

from vaelint.formula.domain import domains
from vaelint.formula.evaluate import Undefined, evaluate
from vaelint.formula.form import ONE, Form, Leaf, Named, Num, Op, leaves, rewritten, size, walk
from vaelint.formula.table import POINTS, SAMPLES

Positive = Callable[[Leaf], bool]


def views(form: Form) -> list[Form]:
    """The form with its local names as leaves, then looked into: of one leaf, of one name, one level, all."""
    out: list[Form] = []
    for view in (_closed(form), _scales_open(form), _functions_open(form), _closed(_opened(form)), _open(form)):
        if view not in out:
            out.append(view)
    out += [x for x in map(_counted, out) if x not in out]
    return out


def _counted(form: Form) -> Form:
    """``n * log(2 * pi)`` as ``log(2 * pi)``: how many dimensions a normaliser counts changes a constant."""
    return rewritten(form, lambda x: _constant(x) if isinstance(x, Op) and x.fn == "mul" else None)


def _constant(product: Op) -> Form | None:
    left, right = product.args
    if isinstance(right, Op) and right.fn == "log" and not leaves(right):
        counts = leaves(left)
        if len(counts) == 1 and all(isinstance(x, (Num, Leaf)) or _scales(x) for x in walk(left)):
            one = rewritten(left, lambda x: ONE if isinstance(x, Leaf) else None)
            return Op("mul", (one, right), product.node)
    return None


def _scales(x: Form) -> bool:
    return isinstance(x, Op) and x.fn in ("mul", "div", "neg")


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
    return _open_where_short(form, _open)


def _functions_open(form: Form) -> Form:
    """``inverse = inv(S)`` and ``half = log(det(S))`` are looked into, ``S = Z @ P @ Z.T + H`` is not."""
    return _open_where_short(form, _closed)


def _open_where_short(form: Form, inside: Callable[[Form], Form]) -> Form:
    """The names of what ``inside`` makes a short function of one leaf, as that function; the others as leaves."""

    def change(x: Form) -> Form | None:
        if not isinstance(x, Named):
            return None
        inner = inside(x.form)
        return inner if len(leaves(inner)) <= 1 and size(inner, 12) < 12 else _as_leaf(x)

    return rewritten(form, change)


def _open(form: Form) -> Form:
    return rewritten(form, lambda x: None)


def without_weights(form: Form, met: list[Leaf], positive: Positive) -> Form | None:
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


HALF = Num(0.5)


def balanced(form: Form, met: list[Leaf], positive: Positive) -> Form | None:
    """``beta`` and ``1 - beta`` on two summands taken as a half each: a share of the one term is none of the other."""
    shares = {
        x.args[1].key
        for x in walk(form)
        if isinstance(x, Op) and x.fn == "sub" and _is_one(x.args[0]) and isinstance(x.args[1], Leaf)
    }
    shares = {x.key for x in met if x.key in shares and positive(x) and _is_share(form, x, met)}
    if not shares:
        return None
    return rewritten(form, lambda x: HALF if isinstance(x, Leaf) and x.key in shares else None)


def _is_one(x: Form) -> bool:
    return isinstance(x, Num) and x.value == 1.0


def _is_share(form: Form, share: Leaf, met: list[Leaf]) -> bool:
    """Whether the form is linear in a share, with the same sign of both parts: ``s * a + (1 - s) * b``."""
    kinds = domains(form)
    at: dict[str, Sequence[float]] = {}
    count: dict[str, int] = {}
    for leaf in met:
        if leaf.key != share.key:
            count[kinds[leaf.key]] = i = count.get(kinds[leaf.key], -1) + 1
            if i >= len(SAMPLES[kinds[leaf.key]]):
                return False
            at[leaf.key] = SAMPLES[kinds[leaf.key]][i]
    try:
        none, some, whole = (evaluate(form, {**at, share.key: [s] * POINTS}, POINTS) for s in (0.1, 0.5, 0.9))
    except Undefined:
        return False
    return all(abs(a + c - 2 * b) < 1e-9 * (1 + abs(b)) for a, b, c in zip(none, some, whole))


_LOG_NAME = re.compile(r"(?:^|(?<=[._]))(?:log|ln)_?(?=[a-z])", re.I)


def linked(form: Form, met: list[Leaf]) -> Form | None:
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


def lifted(form: Form) -> Form | None:
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


# Numbers that belong to formulas as such; any other may be a prior's scale or mean that was typed in.
_OWN: tuple[float, ...] = (
    0.0,
    0.5,
    1.0,
    2.0,
    3.0,
    4.0,
    2.718281828459045,
    3.141592653589793,
    6.283185307179586,
    1.8378770664093453,
)
_OWN += (0.9189385332046727, 1.2533141373155003, 2.5066282746310002)
MAX_NUMBERS = 3


def numbered(form: Form) -> Iterator[Form]:
    """The form with numbers as leaves: ``0.1``, and ``0.01`` or ``log(0.1)`` beside it as made of that leaf."""
    found = {x.value for x in walk(form) if isinstance(x, Num) and not any(abs(abs(x.value) - k) < 1e-9 for k in _OWN)}
    if not 0 < len(found) <= MAX_NUMBERS:
        return
    for base in sorted(found):
        if base > 0:
            yield _made_of({base: number(base)}, form)
    if len(found) > 1:
        yield _made_of({value: number(value) for value in found}, form)


def number(value: float) -> Leaf:
    return Leaf(f"#{value!r}", f"{value:g}")


def _made_of(bases: dict[float, Leaf], form: Form) -> Form:
    known: dict[float, Form] = {}
    for value, leaf in bases.items():
        square = Op("square", (leaf,))
        known |= {value**2: square, 2 * value**2: Op("mul", (Num(2.0), square))}
        if value > 0:
            known |= {1 / value: Op("div", (ONE, leaf)), 1 / value**2: Op("div", (ONE, square))}
            known |= {math.log(value): Op("log", (leaf,)), 2 * math.log(value): Op("log", (square,))}
    known |= bases

    def change(x: Form) -> Form | None:
        if not isinstance(x, Num):
            return None
        return next((made for value, made in known.items() if abs(x.value - value) < 1e-9 * (1 + abs(value))), None)

    return rewritten(form, change)
