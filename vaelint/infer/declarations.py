"""What an annotation declares: ``Annotated[Tensor, vaelint.Gain]`` makes what it stands at a fact of that sense.

On a parameter, a result, a field or a variable; read through imports, aliases and strings.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.expression import last
from vaelint.infer.journal import Remembered
from vaelint.infer.names import named
from vaelint.infer.values import Class, Frame, Function, Library, Value
from vaelint.sense import Sense
from vaelint.source import quick

_MARKERS = {
    "vaelint.Gain": Sense.GAIN,
    "vaelint.Cost": Sense.COST,
    "vaelint.markers.Gain": Sense.GAIN,
    "vaelint.markers.Cost": Sense.COST,
}
_ANNOTATED = frozenset({"typing.Annotated", "typing_extensions.Annotated"})
# What stands around a type without changing what the value is.
_AROUND = frozenset({"Optional", "Union", "Final", "ClassVar", "InitVar", "Required", "NotRequired", "ReadOnly"})
_TUPLES = frozenset({"tuple", "Tuple"})
_DEEPEST = 6  # types around each other


def sense(annotation: ir.Expr | None, f: Frame) -> Sense | None:
    """The sense that an annotation declares; None where it declares none, or two. Each call asks: it is read once."""
    if annotation is None:
        return None
    known = f.module.declares
    if annotation.id not in known:
        known[annotation.id] = _sense(annotation, f, _DEEPEST)
    return known[annotation.id]


def _sense(annotation: ir.Expr | None, f: Frame, depth: int) -> Sense | None:
    if annotation is None or depth == 0:
        return None
    match annotation:
        case ir.Const(value=str(text)):
            return _sense(_parsed(text, annotation.id), f, depth - 1)
        case ir.Name() | ir.Attr():
            return _marker(annotation, f)  # an alias, which is worth its marker (`alias`)
        case ir.Binary(op="|", left=left, right=right):
            return _one(left, right, f=f, depth=depth)
        case ir.Subscript(base=base, index=index):
            parts = index.items if isinstance(index, ir.Tuple) else (index,)
            if is_annotated(named(base, f)):
                found = next((s for x in parts[1:] if (s := _marker(x, f)) is not None), None)
                return found if found is not None else _sense(parts[0], f, depth - 1)
            return _one(*parts, f=f, depth=depth) if last(base) in _AROUND else None
        case _:
            return None


def _one(*alternatives: ir.Expr, f: Frame, depth: int) -> Sense | None:
    """Of ``X | None``: the sense of all alternatives that are not None."""
    found = {_sense(x, f, depth - 1) for x in alternatives if not (isinstance(x, ir.Const) and x.value is None)}
    return found.pop() if len(found) == 1 else None


def _marker(e: ir.Expr, f: Frame) -> Sense | None:
    """``vaelint.Gain``, or an object of it, under whatever name it was imported."""
    return _MARKERS.get(_path(named(e.func if isinstance(e, ir.Call) else e, f)))


def _path(value: Value | None) -> str:
    """The dotted name of what a library has, or of a class that stands in the project (as vaelint's own does)."""
    match value:
        case Library(path=path):
            return path
        case Class(name=name, module=module):
            return f"{module.program.project.dotted(module.path)}.{name}"
        case _:
            return ""


def is_annotated(value: Value | None) -> bool:
    return isinstance(value, Library) and value.path in _ANNOTATED


def alias(e: ir.Subscript, f: Frame) -> Value | None:
    """``LogLikelihood = Annotated[Tensor, vaelint.Gain]``: worth its marker; None of one without."""
    items = e.index.items if isinstance(e.index, ir.Tuple) else ()
    found = (named(x.func if isinstance(x, ir.Call) else x, f) for x in items[1:])
    return next((v for v in found if _path(v) in _MARKERS), None)


class Fields(dict[int, "dict[str, Sense]"], Remembered):
    """Remembered: by the node of a class, the fields that its body, or that of a base, declares."""


def fields(known: Fields, cls: Class) -> dict[str, Sense]:
    """By their names, the senses of the fields that a class and its bases declare."""
    if cls.node not in known:
        known[cls.node] = {}
        info = cls.module.class_info(cls)
        line = [] if info is None else [info, *(base.module.class_info(base) for base in info.line())]
        for one in reversed(line):
            for s in one.stmt.body if one is not None else ():
                declares = sense(s.annotation, one.closure) if one and isinstance(s, ir.Assign) else None
                if declares is not None and isinstance(s, ir.Assign):
                    known[cls.node].update({t.name: declares for t in s.targets if isinstance(t, ir.Name)})
    return known[cls.node]


def results(fn: Function) -> list[Sense | None]:
    """``-> tuple[Annotated[Tensor, vaelint.Gain], Tensor]``: the sense of each of several results; else empty."""
    annotation, frame = fn.returns, fn.closure or fn.module.frame
    if isinstance(annotation, ir.Const) and isinstance(annotation.value, str):
        annotation = _parsed(annotation.value, annotation.id)
    if not isinstance(annotation, ir.Subscript) or last(annotation.base) not in _TUPLES:
        return []
    return (
        [_sense(x, frame, _DEEPEST) for x in annotation.index.items] if isinstance(annotation.index, ir.Tuple) else []
    )


def _parsed(text: str, node: int) -> ir.Expr | None:
    if len(text) > quick.MOST_OF_TYPE:
        return None
    try:
        return quick.expression(text, node)
    except quick.Unclear:
        from vaelint.source.lower import expression  # loads libcst: few annotations are texts that Python does not take

        return expression(text, node)
