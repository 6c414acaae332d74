"""The arguments of a call, evaluated."""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.values import Mapping, Sequence, Value
from vaelint.records import record


@record(frozen=True, slots=True)
class Argument:
    value: Value
    name: str | None
    star: str
    expr: ir.Expr


class Arguments:
    """The evaluated arguments of a call."""

    def __init__(self, given: list[Argument]) -> None:
        self.given = given

    @classmethod
    def of(cls, values: list[Value], e: ir.Expr) -> Arguments:
        return cls([Argument(v, None, "", e) for v in values])

    @property
    def positional(self) -> list[Argument]:
        out = []
        for a in self.given:
            if a.star == "*" and isinstance(a.value, Sequence) and a.value.rest is None:
                out += [Argument(v, None, "", a.expr) for v in a.value.items]
            elif a.name is None and a.star == "":
                out.append(a)
            elif a.star == "*":
                break  # of unknown length: what follows has no known place
        return out

    @property
    def first(self) -> Value | None:
        """What is passed first, without a name; None where nothing is, or it is not in sight."""
        positional = self.positional
        return positional[0].value if positional else None

    @property
    def named(self) -> dict[str, Argument]:
        out = {}
        for a in self.given:
            if a.name is not None:
                out[a.name] = a
            elif a.star == "**" and isinstance(a.value, Mapping):
                out.update({k: Argument(v, k, "", a.expr) for k, v in a.value.items.items()})
        return out

    def get(self, name: str, position: int | None) -> Argument | None:
        found = self.named.get(name)
        if found is not None:
            return found
        positional = self.positional
        return positional[position] if position is not None and 0 <= position < len(positional) else None

    @property
    def may_be_more(self) -> bool:
        """Whether a star passes what is not in sight, so that a parameter without an argument may have one."""
        return any(a.star and not _is_known(a.value) for a in self.given)

    def __bool__(self) -> bool:
        return bool(self.given)


def _is_known(value: Value) -> bool:
    """Whether all that a star passes is known; a record without entries is one that nobody has seen filled."""
    match value:
        case Sequence(rest=None):
            return True
        case Mapping(items=items, rest=None):
            return bool(items)
    return False
