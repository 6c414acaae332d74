"""What reinforcement learning estimates: temporal differences, advantages, returns, divergences, averages.

Laws over signed sums, as those of `technical`: all parts of a sum have to be called what they are to be.

- a temporal difference is ``r + gamma * V' - V`` (Sutton & Barto 2018, eq. 6.5);
- a generalised advantage is ``delta + gamma * lambda * A'`` (Schulman et al. 2016, eq. 16), and a return its sum with
  the value it was taken from, as an advantage is the return less the value;
- the estimator ``exp(d) - d - 1`` of a divergence is never below zero (Schulman 2020, "k3");
- a moving average ``a * x + (1 - a) * y`` has weights that sum to one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import complement, exponent, factors, name, number, opened, same
from vaelint.infer.quantities import labels
from vaelint.infer.seen import View
from vaelint.infer.values import Frame
from vaelint.knowledge.vocabulary import Words

_REWARD = Words("reward_name")
_DISCOUNT = Words("discount")
_TRACE = Words("trace_decay")
_LATER = Words("later_value")
_EXPECTED = Words("expected_value")
_DELTA = Words("td_error")
_TARGET = Words("return_name")


Law = Callable[[View, ir.Expr, tuple[str, ...], Frame], Iterable[Misstated]]


def _slip(part: ir.Expr, whole: ir.Expr, message: str, edit: str, law: str) -> Misstated:
    return Misstated(part.id, whole.id, message, edit, law, "VL402", held=True)


# --- discounted returns --------------------------------------------------------------------------

# The reward of one step and nothing else; what comes later, by any name that a return is built up under.
_PAID = Words("reward_paid")
_TO_COME = Words("to_come")


_ENTROPIC = Words("entropic")


def _return(view: View, e: ir.Expr, names: tuple[str, ...], f: Frame) -> Iterable[Misstated]:
    """r + γ V: what comes later counts as what comes now, if less."""
    terms = opened(e)
    rewards = [(s, x) for s, x in terms if _PAID.of(name(x)) and not isinstance(x, ir.Binary)]
    later = [(s, x) for s, x in terms if _is_discounted(x, _TO_COME)]
    if len(rewards) != 1 or len(later) != 1 or rewards[0][0] == later[0][0] or len(terms) > 3:
        return
    if _ENTROPIC.within(later[0][1]):
        return  # a soft return: the discounted entropy bonus, -γ α log π
    text = ir.render(later[0][1], 40)
    sign = "subtracted from" if rewards[0][0] > 0 else "added to minus"
    yield _slip(
        later[0][1],
        e,
        f"`{text}` is {sign} the reward: the reward and the discounted value must have the same sign",
        "add the discounted value to the reward",
        "a return is r + gamma * (the return from the next step on)",
    )


# --- temporal differences, advantages, returns ---------------------------------------------------


def _difference(view: View, e: ir.Expr, names: tuple[str, ...], f: Frame) -> Iterable[Misstated]:
    """r + γ V' - V: what was expected is taken off what came."""
    if not (_DELTA.of(names[0]) or labels.ADVANTAGE.of(names[0])):
        return
    terms = opened(e)
    rewards = [(s, x) for s, x in terms if not isinstance(x, ir.Binary) and _REWARD.of(name(x))]
    later = [(s, x) for s, x in terms if isinstance(x, ir.Binary) and _is_discounted(x, _EXPECTED)]
    values = [(s, x) for s, x in terms if not isinstance(x, ir.Binary) and _is_value(x)]
    if not (len(rewards) == len(later) == len(values) == 1 and len(terms) == 3):
        return
    if rewards[0][0] != later[0][0] or values[0][0] != rewards[0][0]:
        return
    part = values[0][1]
    yield _slip(
        part,
        e,
        f"`{names[0]}`: the value `{ir.render(part, 40)}` should be subtracted, but has the sign of the reward",
        "subtract it",
        "a temporal difference is r + gamma * V(s') - V(s)",
    )


def _is_discounted(e: ir.Expr, what: Words) -> bool:
    """Whether this is a product of a discount and of something that is called ``what``."""
    words = [name(x) for x in factors(e)]
    rest = [w for w in words if w and not _DISCOUNT.of(w)]
    return any(_DISCOUNT.of(w) for w in words) and what.any(rest)


def _is_value(e: ir.Expr) -> bool:
    word = name(e)
    return labels.VALUE.of(word) and not _LATER.of(word)


def _trace(view: View, e: ir.Expr, names: tuple[str, ...], f: Frame) -> Iterable[Misstated]:
    """δ + γ λ A': later differences count as the present one, if less."""
    terms = opened(e)
    deltas = [(s, x) for s, x in terms if not isinstance(x, ir.Binary) and _DELTA.of(name(x))]
    later = [(s * _masked(x), x) for s, x in terms if isinstance(x, ir.Binary) and _is_decayed(x, names[0])]
    if not (len(deltas) == len(later) == 1 and len(terms) == 2) or deltas[0][0] == later[0][0]:
        return
    part, delta = later[0][1], deltas[0][1]
    yield _slip(
        part,
        e,
        f"`{ir.render(part, 40)}` should have the sign of `{ir.render(delta, 40)}`: "
        "an advantage sums discounted differences",
        f"add both: {ir.render(delta, 40)} + {ir.render(part, 40)}",
        "A = delta + gamma * lambda * A of the next step",
    )


def _masked(e: ir.Expr) -> int:
    """-1 where a factor is a flag less one, which is minus the mask of what goes on: ``gamma * (done - 1) * A``."""
    minus = [x for x in factors(e) if isinstance(x, ir.Binary) and x.op == "-" and number(x.right) == 1]
    return -1 if len(minus) % 2 else 1


def _is_decayed(e: ir.Expr, holder: str) -> bool:
    words = [name(x) for x in factors(e)]
    decays = [w for w in words if _DISCOUNT.of(w) or (_TRACE.of(w) and not labels.ADVANTAGE.of(w))]
    held = any(w and w not in decays and (labels.ADVANTAGE.of(w) or w == holder) for w in words)
    return bool(decays) and held


def _sum_of_parts(view: View, e: ir.Expr, names: tuple[str, ...], f: Frame) -> Iterable[Misstated]:
    """A return is an advantage plus a value, an advantage a return less a value."""
    terms = opened(e)
    if len(terms) != 2 or any(isinstance(x, ir.Binary) for _, x in terms):
        return
    values = [(s, x) for s, x in terms if _is_value(x)]
    if len(values) != 1:
        return
    (sign, other) = next((s, x) for s, x in terms if x is not values[0][1])
    word, part = name(other), values[0][1]
    if labels.ADVANTAGE.of(word) and _TARGET.of(names[0]):
        wrong, edit, law = sign != values[0][0], "add the two", "return = advantage + value"
        says = f"`{names[0]}`: `{ir.render(part, 40)}` and `{ir.render(other, 40)}` have opposite signs"
    elif labels.RETURN.of(word) and labels.ADVANTAGE.of(names[0]):
        wrong, edit, law = sign == values[0][0], "subtract the value", "advantage = return - value"
        says = f"`{names[0]}`: the value `{ir.render(part, 40)}` has the sign of the return `{ir.render(other, 40)}`"
    else:
        return
    if wrong:
        yield _slip(part, e, f"{says}: {law}", edit, law)


# --- the k3 estimator ----------------------------------------------------------------------------

_LOGS = Words("log_ratio_name")


def _estimator(view: View, e: ir.Expr, names: tuple[str, ...], f: Frame) -> Iterable[Misstated]:
    """exp(d) - d - 1, where d is a difference of log-probabilities."""
    terms = opened(e)
    ones = [s for s, x in terms if number(x) == 1]
    grown = [(s, x, d) for s, x in terms if (d := exponent(f.behind(x))) is not None]
    if len(ones) != 1 or len(grown) != 1 or ones[0] == grown[0][0]:
        return
    sign, exponential, d = grown[0]
    rest = Counter((s, ir.render(x)) for s, x in terms if x is not exponential and number(x) != 1)
    if rest != Counter((s * sign, ir.render(x)) for s, x in opened(d)):
        return
    if not _LOGS.of(names[0]) and not _LOGS.within(d):
        return
    yield _slip(
        e,
        e,
        f"`{ir.render(e, 60)}`: the exponent is added to its exponential instead of "
        "subtracted, so that this estimates no divergence",
        f"subtract `{ir.render(d, 40)}`: exp(d) - d - 1 is least, and zero, where the two policies agree",
        "the k3 estimator is exp(d) - d - 1",
    )


# --- moving averages -----------------------------------------------------------------------------

_AVERAGED = Words("averaged")
_MOVED = Words("moved_value")


def _average(view: View, e: ir.Expr, names: tuple[str, ...], f: Frame) -> Iterable[Misstated]:
    """a x + (1 - a) y: a target network, a running mean."""
    terms = opened(e)
    if len(terms) != 2 or terms[0][0] == terms[1][0] or not all(isinstance(x, ir.Binary) for _, x in terms):
        return
    parts = [factors(x) for _, x in terms]
    if any(len(p) != 2 for p in parts) or not _share_one(parts):
        return
    said = (names[0], *ir.names_in(e))
    held = [w for p in parts for x in p if (w := name(x))]
    if not _AVERAGED.any(said) or _MOVED.any(said) or (names[0] not in held and not _AVERAGED.of(names[0])):
        return
    part = next(x for s, x in terms if s < 0)
    yield _slip(
        part,
        e,
        f"`{ir.render(part, 40)}` is subtracted, but the weights of an average must sum to one",
        "add it",
        "an average is a * x + (1 - a) * y",
    )


def _share_one(parts: list[list[ir.Expr]]) -> bool:
    """Whether the factors of two products hold a weight and what it lacks to one."""
    for mine, other in ((parts[0], parts[1]), (parts[1], parts[0])):
        for x in mine:
            for y in other:
                lacking = complement(y)
                if lacking is not None and same(lacking, x):
                    return True
                if 0 < number(x) < 1 and abs(number(x) + number(y) - 1) < 1e-9:
                    return True
    return False


LAWS: tuple[tuple[Words | None, Law], ...] = (
    (Words("asks_discount"), _return),
    (Words("asks_discount"), _difference),
    (Words("asks_error"), _trace),
    (Words("asks_value"), _sum_of_parts),
    (Words("asks_exponential"), _estimator),
    (None, _average),
)
