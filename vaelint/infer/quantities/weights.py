"""Sizes of what is trained: the squares, absolute values and norms of ``model.parameters()`` are penalties by fact.

Whatever else an objective is made of, it has no bound where such a size is taken off what is lowered: the weights grow.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.seen import ExpressionComputed, View, refines
from vaelint.infer.values import Quantity, Sequence, Value, is_unknown, sized, undirected

PARAMETERS = "parameters"  # as `Term.size_of` calls them
# Methods of modules that yield what an optimiser is given, one by one; of the second sort with their names.
_YIELD = frozenset(("parameters", "trainable_parameters", "trainable_variables"))
_YIELD_NAMED = frozenset(("named_parameters",))


@refines(ExpressionComputed)
def yielded(view: View, seen: ExpressionComputed, value: Value) -> Value:
    """``model.parameters()``, ``model.named_parameters()``."""
    e = seen.e
    if not isinstance(e, ir.Call) or not isinstance(e.func, ir.Attr) or e.args:
        return value
    if e.func.name not in _YIELD | _YIELD_NAMED or not isinstance(value, Quantity) or not is_unknown(value):
        return value
    made = sized(value, PARAMETERS)
    return made if e.func.name in _YIELD else Sequence((), Sequence((undirected("a name", e.id), made)))
