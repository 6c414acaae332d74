"""A sign in sight between names: what is written on its two sides says that it cannot be right.

Everywhere else a name against a name counts for nothing, since nobody knows what a name holds. Here the code shows the
sign itself: a loss taken off another loss, minus a log-density under the name of one, a log-density as it is under the
name of a loss. Values that are known have the last word; words of games, of time and of pairs end the matter.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.evidence import BY_SIGN, Basis, Support, weakest
from vaelint.infer.events import Left, Renegated, Worded
from vaelint.infer.expression import last, last_word, negated_names, negates
from vaelint.infer.journal import Action, Remembered
from vaelint.infer.seen import EntryKeyed, ValueAssigned, ValueAugmented, ValueReturned, View, observes
from vaelint.infer.values import RUN, Choice, Frame, Instance, Library, Quantity, Value, is_parameter
from vaelint.infer.wording import paired, sides
from vaelint.infer.wording.claims import contradicts, denies, is_density, is_logarithm, is_loss
from vaelint.infer.wording.parts import Part, part_of, parts_of
from vaelint.knowledge.lexicon import split
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import NO_SENSE, Sense

# Regularisers that one method raises and the next lowers, so that the minus may be in the value already.
_EITHER_WAY = Words("either_way")
_REDUCING = Words("reducing")
_HELD = frozenset(("loss_fn", "loss_fct", "loss_func", "loss_function", "criterion", "crit"))  # what a loss is kept as


@observes(ValueAssigned)
def assigned(view: View, seen: ValueAssigned) -> None:
    _stated(view, seen.e, seen.value, seen.names, seen.scope)


@observes(ValueReturned)
def returned(view: View, seen: ValueReturned) -> None:
    _stated(view, seen.e, seen.value, (seen.scope.name,), seen.scope)


@observes(ValueReturned)
def left(view: View, seen: ValueReturned) -> None:
    """``return log_prob``, ``return recon, kld``: whoever calls reads the value by the name that it had here."""
    for e in seen.e.items if isinstance(seen.e, ir.Tuple) else (seen.e,):
        held = seen.scope.find(e.name) if isinstance(e, ir.Name) else None
        if isinstance(e, ir.Name) and isinstance(held, Quantity) and denies(held, view.knowledge.claim(e.name)):
            view.emit(Left(e.name, held, e.id))


@observes(EntryKeyed)
def keyed(view: View, seen: EntryKeyed) -> None:
    _stated(view, seen.e, seen.value, (seen.key, seen.scope.name), seen.scope)


@observes(ValueAssigned)
def renegated(view: View, seen: ValueAssigned) -> None:
    """``loss = -loss.mean()``."""
    if seen.names[0] and negates(seen.e, seen.names[0]):
        view.emit(Renegated(seen.names[0], seen.e.id, seen.scope.name))


def _stated(view: View, e: ir.Expr, value: Value, names: tuple[str, ...], f: Frame) -> None:
    """A whole expression that is bound to ``names[0]``, or (if there is but one name) returned by that function."""
    if isinstance(e, (ir.Const, ir.Name, ir.Tuple, ir.Dict)) and not (
        isinstance(e, ir.Name) and isinstance(value, Quantity)
    ):
        return
    if isinstance(value, (Instance, Choice)) or read_often(view, e.id):
        return  # an object is what its attributes are, whatever it goes by
    returned = len(names) == 1
    holder = _holder(names[0], f) if returned else names[0]
    if not holder or holder.startswith("-"):  # `{"-elbo": -elbo}`
        return
    claim = view.knowledge.claim(holder)
    if claim is not None and claim.sense is Sense.GAIN:
        if is_density(claim):
            _negated_density(view, e, value, holder, parts_of(view, e, f), f)
        return
    if not is_loss(claim) and not (claim is None and returned):
        return
    parts = parts_of(view, e, f)
    if len(parts) > 1:
        _subtracted(view, e, holder, parts, f)
    elif is_loss(claim) and parts[0].sign < 0:
        _negated_loss(view, e, value, holder, parts[0], f)


@observes(ValueAugmented)
def augmented(view: View, seen: ValueAugmented) -> None:
    """``loss += -term``, ``loss -= term``."""
    if seen.moves:
        return
    s, value, f = seen.stmt, seen.value, seen.scope
    name = last_word(s.target)
    if s.op == "+" and name:
        _stated(view, s.value, value, (name, f.name), f)
        _added_density(view, s, value, name, f)
    claim = view.knowledge.claim(name) if name and s.op == "-" else None
    if not is_loss(claim) or read_often(view, s.id):
        return
    total = Part(1, name, claim, s.target)
    parts = [total, *(p._replace(sign=-p.sign) for p in parts_of(view, s.value, f))]
    if not _is_removed(s.value):
        _subtracted(view, s.value, name, parts, f, total)


ENOUGH = 2  # times that a place is read: in a loop's second round its names hold what the first one gave them


class Readings(Remembered):
    """How often the wording of an expression was read. To be told of it once more would say nothing new."""

    def __init__(self) -> None:
        self._times: dict[int, int] = {}

    def often(self, node: int) -> bool:
        seen = self._times.get(node, 0)
        self.journal.does(Action(self._read, node, ENOUGH))
        return seen >= ENOUGH

    def _read(self, node: int) -> None:
        self._times[node] = self._times.get(node, 0) + 1


def read_often(view: View, node: int) -> bool:
    """Whether this has been read often enough: what is said of it then says nothing new."""
    return view.memory(Readings).often(node)


def _holder(function: str, f: Frame) -> str:
    """What a function's result goes by: of a class that is called, the class's own name."""
    return f.owner.name if f.owner is not None and function in RUN else function


def _words(p: Part) -> frozenset[str]:
    """The words of a summand's name and of what leads to it; of a technical term its own negator is none."""
    technical = p.claim is not None and p.claim.strong and p.claim.word.startswith("neg")
    said = sides.of(p.at, p.name)
    return frozenset(w for w in said if not sides.NEGATED.of(w)) if technical else said


def _is_removed(e: ir.Expr) -> bool:
    """``total -= losses.popleft()``, ``total -= losses[i]``: what leaves a window."""
    match e:
        case ir.Call(func=func):
            return last(func) in ("pop", "popleft", "get")
        case ir.Subscript(index=i):
            return not (isinstance(i, ir.Const) and isinstance(i.value, str))
    return False


# --- judging -------------------------------------------------------------------------------------


def _subtracted(view: View, e: ir.Expr, holder: str, parts: list[Part], f: Frame, total: Part | None = None) -> None:
    losses = [p for p in parts if is_loss(p.claim)]
    if {p.sign for p in losses} != {1, -1} or any(p.claim is not None and p.claim.sense is Sense.GAIN for p in parts):
        return
    if (
        sides.CONTRAST.of(holder)
        or not all(p.live for p in losses)
        or any(contradicts(view, p.at, p.claim, f) for p in losses)
    ):
        return
    kept = [p for p in losses if p.sign > 0]
    off = [p for p in losses if p.sign < 0]
    if any(p.name == holder or is_logarithm(p.at, f) for p in off if p is not total):
        return  # `loss = kl - loss`, `loss = log(p).mean(); total -= loss`: the minus is the one that was left out
    if len(off) > len(kept) or sides.compared([_words(p) for p in losses if p is not total]):
        return
    if _are_of_one_loss(view, holder, parts, kept, off, total, f):
        return
    if plays(view, e.id, holder, f) or sides.play(holder) or _EITHER_WAY.within(e):
        return
    if any(paired.is_added_too(view, e.id, p.at) for p in off):
        return
    wrong, other = off[0], kept[0]
    value = view.value(wrong.at, f)
    if denies(value, wrong.claim):
        return  # what is taken off goes up: its name is wrong, and told where it is given
    part, rest = ir.render(wrong.at, 40), ir.render(other.at, 40)
    held = f.find(wrong.at.name) if isinstance(wrong.at, ir.Name) else None
    made = made_of(held, e) if held is not None else frozenset({e.id})
    whole = holder if is_loss(view.knowledge.claim(holder)) else ""  # a gap or a regret is what it should be
    view.emit(Worded("subtracted", part, wrong.at.id, e.id, made, rests(value, BY_SIGN), whole, rest))


def _are_of_one_loss(
    view: View, holder: str, parts: list[Part], kept: list[Part], off: list[Part], total: Part | None, f: Frame
) -> bool:
    """Whether one loss of two things is compared: a contrast."""
    accumulates = total is not None or kept[0].name == holder
    if accumulates and any(paired.is_same_quantity(kept[0].at, p.at) for p in off):
        return True
    if len(kept) == len(off) > 1 and len({p.name.rstrip("0123456789") for p in (*kept, *off)}) == 1:
        return True  # numbered parts of one statistic (`k1 + k2 - k3 - k4` of a kernel's two-sample test)
    claimed = is_loss(view.knowledge.claim(holder))
    if accumulates or (claimed and len(parts) == 2 and paired.are_mirrored(kept[0].at, off[0].at, f)):
        return False
    if any(split(a.name) == split(b.name) for a in kept for b in off):
        return True
    return paired.share_a_maker([p.at for p in kept], [p.at for p in off], f)


# What comes first is the quantity, what comes last how it was estimated: ``entropy_ll``, ``kl_loglik``.
_ESTIMATED = Words("estimated")


def _negated_density(view: View, e: ir.Expr, value: Value, holder: str, parts: list[Part], f: Frame) -> None:
    if _ESTIMATED.of(holder):
        return
    said = [p for p in parts if p.claim is not None and p.claim.sense.directed]
    if any(isinstance(p.at, ir.Name) and p.name == holder != f.name for p in said):
        return  # `logp = -logp`: which way it went before is not known
    if not said or not all(is_density(p.claim) and p.sign < 0 for p in said):
        return
    if any(p.sign > 0 for p in parts) and not isinstance(e, ir.Unary):
        return  # `joint - q.log_prob(z)`: one density taken off another
    if any(contradicts(view, p.at, p.claim, f) or not p.sure for p in said) or all(
        _is_function(view, p.at, f) for p in said
    ):
        return  # who negates what a function returns knows what that is, whatever the function is called
    # Who takes what this returns by its name takes the same terms, resolved or not: that is no second mistake.
    made = made_of(value, e).union(t.made for t in value.terms) if isinstance(value, Quantity) else made_of(value, e)
    part = ir.render(said[0].at, 40)
    view.emit(Worded("negated", part, e.id, e.id, made, rests(value, BY_SIGN), holder))


_MINUS_A_DENSITY = frozenset({("nll", "log_density"), ("log_density", "nll")})


def _added_density(view: View, s: ir.AugAssign, value: Value, name: str, f: Frame) -> None:
    """``nll += log_prob``: of two technical terms one is minus what the other is, and they are added as they are."""
    claim, parts = view.knowledge.claim(name), parts_of(view, s.value, f)
    if claim is None or not claim.strong or len(parts) > 1 or parts[0].sign < 0:
        return
    part, terms = parts[0], value.terms if isinstance(value, Quantity) else ()
    # A log-density by the method that it comes of is one whatever it is of.
    by_method = bool(terms) and all(
        t.meaning.kind in ("score", "log_density") and t.meaning.is_evidence and t.sign > 0 for t in terms
    )
    kind, sense = _kind_of(part) if not by_method else ("log_density", Sense.GAIN)
    if (claim.kind, kind) not in _MINUS_A_DENSITY or claim.sense is sense or read_often(view, s.value.id):
        return
    held = f.find(name)
    if not isinstance(held, Quantity) or all(t.meaning == NO_SENSE for t in held.terms):
        return  # nothing is in it yet but zero: what the name is worth is asked of the whole
    if not (part.sure and part.live) or any(t.meaning.kind == "log_q" for t in terms):
        return  # a log-density of its own draws is minus an entropy, which belongs in a loss
    if denies(value, part.claim) or contradicts(view, s.target, claim, f) or plays(view, s.id, name, f):
        return  # the name is to blame, and told where it is given
    if _is_turned_later(view, s.id, name) or (isinstance(part.at, ir.Name) and _is_turned_later(view, s.id, part.name)):
        return
    by = Support(weakest(t.meaning.basis for t in terms)) if by_method else rests(value, BY_SIGN)
    made = made_of(value, s.value).union(t.made for t in terms)
    text = ir.render(s.value, 40)
    view.emit(Worded("added", text, s.value.id, s.id, made, by, "", ir.render(s.target, 40)))


def _kind_of(p: Part) -> tuple[str, Sense]:
    """What a summand is by its name, where that is a technical term."""
    strong = p.claim is not None and p.claim.strong
    return (p.claim.kind, p.claim.sense) if p.claim is not None and strong else ("", Sense.UNKNOWN)


def _is_function(view: View, e: ir.Expr, f: Frame) -> bool:
    """Whether a function is called of which no more is known than its name."""
    if not isinstance(e, ir.Call) or not isinstance(e.func, ir.Name):
        return False
    held = f.find(e.func.name)
    return not isinstance(held, Library) or view.knowledge.lookup(held.path) is None


def _negated_loss(view: View, e: ir.Expr, value: Value, holder: str, part: Part, f: Frame) -> None:
    """``loss = -F.mse_loss(a, b)``: only of a call, since what a name holds may be a gain by now (``loss = -loss``)."""
    if not isinstance(part.at, ir.Call) or not part.live or sides.play(holder, f.name, part.name):
        return
    if not is_loss(part.claim) and part.name not in _HELD and not _is_known_cost(view, part, f):
        return
    callee = view.value(part.at.func, f)
    if isinstance(callee, Quantity) and is_parameter(callee):
        return  # who hands it in knows which way it goes, whatever the parameter is called
    if _REDUCING.of(part.name) and any(is_density(part_of(view, a.value, f, 1).claim) for a in part.at.args):
        return  # it weighs or averages what it is given: `-weighted_loss(log_probs)`
    if isinstance(value, Quantity) and any(t.meaning.is_evidence and t.value_sense is Sense.COST for t in value.terms):
        return  # a cost after all
    if plays(view, e.id, holder, f) or _is_turned_later(view, e.id, holder):
        return
    text, made = ir.render(part.at, 40), made_of(value, e)
    view.emit(Worded("turned", text, e.id, e.id, made, rests(value, BY_SIGN), holder))


# What says how well something fits; a distance, a similarity or a penalty may be wanted either way.
_OF_A_FIT = frozenset({"error", "nll", "cross_entropy"})


def _is_known_cost(view: View, part: Part, f: Frame) -> bool:
    """Whether a library says of a call that it yields an error or another loss (``optax.squared_error``)."""
    value = view.value(part.at, f)
    terms = value.terms if isinstance(value, Quantity) else ()
    return bool(terms) and all(
        t.meaning.basis is Basis.LIBRARY and t.value_sense is Sense.COST and t.meaning.kind in _OF_A_FIT for t in terms
    )


def rests(value: Value, otherwise: Support) -> Support:
    """On what it rests what a value is: on what its terms do, if all of them are known; ``otherwise`` on a name."""
    terms = [t for t in value.terms if t.meaning.sense.directed] if isinstance(value, Quantity) else []
    if not terms or not all(t.meaning.is_evidence for t in terms):
        return otherwise
    roles = tuple(b for t in terms for b in t.meaning.premises)
    return Support(weakest(roles), roles)


def made_of(value: Value, e: ir.Expr) -> frozenset[int]:
    terms = value.terms if isinstance(value, Quantity) else ()
    return frozenset(t.made for t in terms if t.meaning.sense.directed) or frozenset({e.id})


def plays(view: View, node: int, name: str, f: Frame) -> bool:
    """Whether the code around speaks of a game, where a sign may be turned on purpose."""
    info = f.owner.module.class_info(f.owner) if f.owner is not None else None
    around = (f.owner.name, *info.base_names()) if f.owner is not None and info is not None else ()
    return sides.speaks_of_games(*around, f.name, name, *view.around(node).words)


def _is_turned_later(view: View, node: int, name: str) -> bool:
    """Whether the text around negates what the name holds: the name misleads, but nothing is lost."""
    return name in view.around(node).once(negated_names)
