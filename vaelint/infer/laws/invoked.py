"""Laws that technical names invoke: what quantities are called fixes their signs, though no formula shows them.

Each law reads one named expression (`stated`): a name for the whole, a signed sum, names for its parts. All of them
have to fit; a name that fits nothing says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import summands
from vaelint.infer.laws import scores
from vaelint.infer.seen import ExpressionStated, View, observes
from vaelint.infer.values import Frame, Function, Quantity, Value
from vaelint.sense import Sense


@observes(ExpressionStated)
def stated(view: View, seen: ExpressionStated) -> None:
    """Hold what is bound to, or returned under, ``names`` against the laws."""
    e, names, f = seen.e, seen.names, seen.scope
    for law in _asking(names):
        for event in law(view, e, names[0], f):
            view.emit(replace(event, held=True))


@lru_cache(maxsize=1024)
def _asking(names: tuple[str, ...]) -> tuple[Law, ...]:
    """The laws that are about what is called so; a function is asked anew for each of its callers."""
    return tuple(
        law for law_name, law in _LAWS if any(law_name.search(n) for n in (names if law is _information else names[:1]))
    )


# --- mutual information --------------------------------------------------------------------------

_ENTROPY = re.compile(r"entrop|(?:^|[^a-z])h_?[xyz]?(?:$|[^a-z])|(?:^|[^a-z])h_|ent_", re.I)


def _information(view: View, e: ir.Expr, name: str, f: Frame) -> Iterable[Misstated]:
    terms = summands(e)
    if len(terms) != 2 or {s for s, _ in terms} != {1, -1}:
        return
    if not all(_ENTROPY.search(ir.text(x, 80)) for _, x in terms):
        return
    conditional = [(s, x) for s, x in terms if re.search(r"cond|given", ir.text(x, 80), re.I)]
    if len(conditional) == 1 and conditional[0][0] > 0:
        yield Misstated(
            e.id,
            e.id,
            f"`{name}`: mutual information is H(Y) - H(Y|X); here the conditional entropy is the one that is added",
            "exchange the two entropies",
            "never below zero: knowing X takes away from the entropy of Y",
        )


# --- Metropolis acceptance -----------------------------------------------------------------------

_HAMILTONIAN = re.compile(r"ham(?:iltonian)?(?:$|[^a-z])|energ(?:y|ies)", re.I)
_NEW = re.compile(r"(?:^|[^a-z])(?:new|final|prop\w*|end|next|cand\w*|proposed|prime|after|star)(?:$|[^a-z])", re.I)
_OLD = re.compile(r"(?:^|[^a-z])(?:old|init\w*|start|curr\w*|prev\w*|before|orig\w*)(?:$|[^a-z])", re.I)


def _acceptance(view: View, e: ir.Expr, name: str, f: Frame) -> Iterable[Misstated]:
    """log α = -(H_new - H_old) + …: a step that raises the energy is accepted less often."""
    energies = [
        (s, x) for s, x in summands(e) if _HAMILTONIAN.search(ir.text(x, 80)) and isinstance(x, (ir.Name, ir.Attr))
    ]
    new = [(s, x) for s, x in energies if _NEW.search(ir.text(x, 80))]
    old = [(s, x) for s, x in energies if _OLD.search(ir.text(x, 80))]
    if len(energies) != 2 or len(new) != 1 or len(old) != 1 or new[0][0] < 0 or old[0][0] > 0:
        return
    if any(_is_log_density(f.find(x.name)) for _, x in energies if isinstance(x, ir.Name)):
        return  # what is called a Hamiltonian there is its negation
    yield Misstated(
        e.id,
        e.id,
        f"`{name}`: `{ir.text(new[0][1], 80)}` is added, so that a higher energy makes acceptance more likely",
        "subtract the new energy and add the old one",
        "Metropolis accepts with exp(H_old - H_new)",
    )


def _is_log_density(value: Value | None) -> bool:
    return isinstance(value, Quantity) and any(
        t.value_sense is Sense.GAIN and t.meaning.kind == "log_density" for t in value.terms
    )


# --- the log of a uniform draw -------------------------------------------------------------------


def _threshold(view: View, e: ir.Expr, name: str, f: Frame) -> Iterable[Misstated]:
    """log U of a uniform U in (0, 1) is minus an exponential draw."""
    if not isinstance(e, ir.Call) or not isinstance(e.func, (ir.Name, ir.Attr)):
        return
    if e.func.name not in ("exponential", "standard_exponential"):
        return
    if isinstance(f.find(e.func.name) if isinstance(e.func, ir.Name) else None, Function):
        return
    yield Misstated(
        e.id,
        e.id,
        f"`{name}` is an exponential draw, which is minus the log of a uniform one: the threshold is never below zero",
        "put a minus in front of the draw",
        "log U of a uniform U is never above zero",
    )


# --- contrastive divergence ----------------------------------------------------------------------

_ENERGY = re.compile(r"energ(?:y|ies)(?!_?(?:dist|score))", re.I)
_OF_DATA = re.compile(r"(?:^|[^a-z])(?:pos(?:itives?)?|reals?|data|true)(?:$|[^a-z])", re.I)
_OF_SAMPLES = re.compile(r"(?:^|[^a-z])(?:neg(?:atives?)?|fakes?|samples?|sampled|gen|generated)(?:$|[^a-z])", re.I)


def _divergence(view: View, e: ir.Expr, name: str, f: Frame) -> Iterable[Misstated]:
    """The slope of -log p is that of E(data) - E(samples) (Hinton 2002, eq. 3): data fall, samples rise."""
    terms = summands(e)
    if len(terms) != 2 or not all(_ENERGY.search(ir.text(x, 80)) and not _is_bent(x, f) for _, x in terms):
        return
    data = [(s, x) for s, x in terms if _OF_DATA.search(ir.text(x, 80)) and not _OF_SAMPLES.search(ir.text(x, 80))]
    samples = [(s, x) for s, x in terms if _OF_SAMPLES.search(ir.text(x, 80)) and not _OF_DATA.search(ir.text(x, 80))]
    if len(data) == len(samples) == 1 and data[0][0] < 0 < samples[0][0]:
        yield Misstated(
            e.id,
            e.id,
            f"`{name}` raises `{ir.text(data[0][1], 80)}` and lowers `{ir.text(samples[0][1], 80)}`: "
            "the energy of data is to fall, and that of samples to rise",
            "exchange the two energies",
            "-log p(x) = E(x) + log Z, and the slope of log Z is minus that of the samples' energy",
        )


def _is_bent(e: ir.Expr, f: Frame) -> bool:
    """Whether something other than a mean is taken of an energy, or what is called one is its negation."""
    texts = [ir.text(e, 80)]
    if isinstance(e, ir.Name):
        written, value = f.wrote(e.name), f.find(e.name)
        if written is None or (isinstance(value, Quantity) and any(t.value_sense is Sense.GAIN for t in value.terms)):
            return True
        texts.append(ir.text(written, 80))
    return any(re.search(r"^-|[(\s]-|log|exp|softplus|relu|score|margin", t) for t in texts)


# --- the density of a uniform distribution -------------------------------------------------------

_UPPER = re.compile(r"(?:^|[^a-z])(?:upper|high|max\w*|hi|b|ub|right|end)(?:$|[^a-z])", re.I)
_LOWER = re.compile(r"(?:^|[^a-z])(?:lower|low|min\w*|lo|a|lb|left|start)(?:$|[^a-z])", re.I)


def _width(view: View, e: ir.Expr, name: str, f: Frame) -> Iterable[Misstated]:
    """The log-density of a uniform distribution is -log(upper - lower)."""
    match e:
        case ir.Call(
            func=ir.Attr(name="log") | ir.Name(name="log"), args=(ir.Arg(value=ir.Binary(op="-") as width), *_)
        ):
            pass
        case _:
            return
    if not (_is_bound(width.left, f) and _is_bound(width.right, f)):
        return
    if _UPPER.search(ir.text(width.left, 80)) and _LOWER.search(ir.text(width.right, 80)):
        yield Misstated(
            e.id,
            e.id,
            f"`{name}`: the log-density of a uniform distribution is minus the log of its width",
            "put a minus in front",
            "a wider distribution is lower everywhere",
        )


def _is_bound(e: ir.Expr, f: Frame) -> bool:
    """Whether this is an attribute or parameter: what was computed may be a distribution function at a bound."""
    if isinstance(e, ir.Attr):
        return True
    return isinstance(e, ir.Name) and e.name in f.vars and e.name not in f.definitions


Law = Callable[[View, ir.Expr, str, Frame], Iterable[Misstated]]
_LAWS: tuple[tuple[re.Pattern[str], Law], ...] = (
    (
        re.compile(
            r"^(?!.*(?:loss|neg|minus|cost|obj)).*(?:mutual_?info|(?:^|_)mi(?:_|$)|info_?gain|information_gain)", re.I
        ),
        _information,
    ),
    (re.compile(r"log_?(?:acc|alpha|a_ratio|mh|metropolis)|log_accept|(?:^|_)log_?acc", re.I), _acceptance),
    (re.compile(r"^(?:log_?u|log_?unif\w*|log_?thresh\w*|ln_?u|log_?rand\w*)$", re.I), _threshold),
    (
        re.compile(r"^(?!.*(?:^|_)(?:neg|minus|adv|reward|gen)).*(?:loss|contrastive_?div|(?:^|_)cd(?:$|_))", re.I),
        _divergence,
    ),
    (re.compile(r"^_?log_?(?:height|density|pdf|dens)$", re.I), _width),
    (scores.NAMES, scores.law),
)
