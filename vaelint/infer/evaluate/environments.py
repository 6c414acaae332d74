"""Environments by their protocol: what nobody resolved, but is stepped and reset as an environment is, pays a reward.

``obs, reward, done, info = x.step(action)`` is the protocol of gym (four parts) and of gymnasium (five), whoever makes
the environment; one written by hand may leave the last part out. One without a state of its own is given its state and
returns it in front of the reward (gymnax): ``obs, state, reward, done, info = env.step(key, state, action, params)``.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.arguments import Arguments
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.expression import last
from vaelint.infer.libraries.meaning import meant_by
from vaelint.infer.quantities.algebra import detach
from vaelint.infer.values import Frame, Number, Quantity, Sequence, Value, is_plain, is_unknown, unknown
from vaelint.sense import Sense

_STEP, _RESET = "step", "reset"
_RULE = "gymnasium.Env.step"
_PARTS = (4, 5)  # those of gym, of gymnasium
_FEWER = 3  # without an `info`: taken for a step where the part in the place of the reward is called one


def paid(it: Machine, target: ir.Expr, e: ir.Expr, value: Value, f: Frame) -> Value:
    """What a step yields that is taken apart as that of an environment: its reward is one, for whatever is not known.

    Under the name of a cost it is none, and whoever never resets what is stepped has no environment.
    """
    place = _place(it, target, e) if isinstance(target, ir.Tuple) and isinstance(e, ir.Call) else 0
    rule = it.knowledge.lookup(_RULE) if place and _RESET in f.module.source.identifiers else None
    if rule is None or not isinstance(target, ir.Tuple) or _is_cost(it, target.items[place]):
        return value
    return _with_reward(value, detach(meant_by(rule, Arguments([]), e)), place, len(target.items), e)


def _is_cost(it: Machine, target: ir.Expr) -> bool:
    claim = it.knowledge.claim(last(target))
    return claim is not None and claim.sense is Sense.COST


def _with_reward(value: Value, reward: Quantity, place: int, count: int, e: ir.Expr) -> Value:
    """The parts of a step with the reward in its place, where no fact says what stands there."""
    match value:
        case Quantity() if is_unknown(value):
            other = unknown(ir.render(e, 40), e.id, f"call:{e.id}")
            return Sequence((*(other,) * place, reward, *(other,) * (count - place - 1)))
        case Sequence(items=items) if len(items) == count and _is_open(items[place]):
            return Sequence((*items[:place], reward, *items[place + 1 :]), value.rest)
        case Sequence(items=(), rest=Quantity() as each) if is_unknown(each):  # of one way it may return: all alike
            return Sequence((*(each,) * place, reward, *(each,) * (count - place - 1)))
        case _:
            return value


def _is_open(held: Value) -> bool:
    """Whether no fact says which way the environment's own code pays: not known, or a number that is set somewhere."""
    return is_plain(held) if isinstance(held, Quantity) else isinstance(held, Number)


def _place(it: Machine, target: ir.Tuple, e: ir.Call) -> int:
    """Where the reward stands among the parts of a step; 0 where this is none of an environment.

    It is taken with an action alone, or with the state that comes back as the second part.
    """
    if not _is_step(e.func) or any(a.star for a in e.args):
        return 0
    if len(target.items) not in _PARTS and not _is_called_reward(it, target):
        return 0
    if len(e.args) == 1:
        return 1
    return 2 if len(target.items) == _PARTS[1] and _is_threaded(target.items[1], e) else 0


def _is_called_reward(it: Machine, target: ir.Tuple) -> bool:
    """Whether the parts are fewer, and the one in the place of the reward is called one."""
    claim = it.knowledge.claim(last(target.items[1])) if len(target.items) == _FEWER else None
    return claim is not None and claim.kind == "reward" and claim.sense is Sense.GAIN


def _is_threaded(state: ir.Expr, e: ir.Call) -> bool:
    """Whether a state that a call is given comes back under its name."""
    return bool(last(state)) and any(last(a.value) == last(state) for a in e.args)


def _is_step(func: ir.Expr) -> bool:
    """``env.step``, or a transform of it: ``vmap(env.step)``."""
    stepped = func.args[0].value if isinstance(func, ir.Call) and func.args else func
    return isinstance(stepped, ir.Attr) and stepped.name == _STEP
