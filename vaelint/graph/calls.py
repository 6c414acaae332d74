"""What a call makes: a primitive, a function or a density of a library, else a leaf."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from vaelint import ir
from vaelint.graph import spellings as words
from vaelint.graph.build import Expressions, is_library
from vaelint.graph.definitions import (
    DRAWS,
    ENTROPIES,
    HARMLESS,
    INSTEAD,
    Density,
    density_of,
    value_of,
)
from vaelint.graph.language import Function, Unreadable, names, written
from vaelint.graph.node import CONSTANT, Graph, Kind, Node
from vaelint.graph.values import NONE, File, Law, Library, Plain, Several, Value
from vaelint.knowledge.base import Knowledge

_FIRST = ("x", "input", "a", "tensor", "input_tensor", "features", "logits")  # names of the one argument


class Reader(Expressions):
    """Reads expressions and the calls in them."""

    def call(self, e: ir.Call) -> Value:
        func = e.func
        if any(a.star for a in e.args):
            return self.output(ir.text(func, 30), func, e)
        if isinstance(func, ir.Attr):
            held = self.method(func, e)
            if held is not None:
                return held
        target = self.value(func)
        match target:
            case Library(dotted=dotted):
                known = self.library(dotted, e) if is_library(dotted) else None
                return known if known is not None else self.output(dotted, func, e)
            case Node(leaf=leaf) if (
                leaf is not None and isinstance(func, ir.Name) and leaf.key == ("global", func.name)
            ):
                known = self.builtin(func.name, e)
                return known if known is not None else self.output(func.name, func, e)
            case _:
                return self.output(ir.text(func, 30), func, e)

    def output(self, callee: str, func: ir.Expr, e: ir.Call) -> Node:
        """A leaf for what is not looked into: one for each callee and arguments, wherever it is called."""
        args = tuple((a.name or "", self.key(a.value)) for a in e.args)
        whose: object = callee
        if isinstance(func, ir.Attr) and not isinstance(self.value(func.base), Library):
            whose = (self.key(func.base), func.name)
        return self.graph.leaf(Kind.OUTPUT, ir.text(e, 30), ("output", whose, args))

    def key(self, e: ir.Expr) -> object:
        held = self.value(e)
        if isinstance(held, Node):
            return held.value
        return held.value if isinstance(held, Plain) else ir.text(e, 60)

    def method(self, func: ir.Attr, e: ir.Call) -> Value | None:
        """A method of a value that is known; None where it is none."""
        if isinstance(func.base, ir.Name) and func.base.name in ("self", "cls"):
            return None
        if isinstance(func.base, ir.Call) and isinstance(func.base.func, ir.Name) and func.base.func.name == "super":
            return None
        base = self.value(func.base)
        if isinstance(base, Law):
            return self.of_law(base, func.name, e)
        if isinstance(base, Node):
            return self.known(func.name.rstrip("_") or func.name, [base], e)
        if isinstance(base, Several):
            return self.known(func.name, [self.as_node(base, func.base)], e)
        return None

    def builtin(self, name: str, e: ir.Call) -> Value | None:
        args = [a.value for a in e.args if a.name is None]
        if name in ("sum", "max", "min") and len(args) == 1:
            held = self.value(args[0])
            if isinstance(held, Several) and held.items and all(isinstance(x, Node) for x in held.items):
                op = {"sum": "add", "max": "max", "min": "min"}[name]
                nodes = [x for x in held.items if isinstance(x, Node)]
                out = nodes[0]
                for x in nodes[1:]:
                    out = self.graph.apply(op, out, x, origin=e.id)
                return out
        return self.known(name, [], e)

    def library(self, dotted: str, e: ir.Call) -> Value | None:
        last = dotted.rpartition(".")[2]
        defined = self.defined(dotted, e)
        if defined is not None:
            return defined
        if last == "einsum" and e.args:
            spec = self.value(e.args[0].value)
            if isinstance(spec, Plain) and isinstance(spec.value, str):
                nodes = [self.node(a.value) for a in e.args[1:] if a.name is None]
                return self.graph.apply("einsum", *nodes, origin=e.id, spec=spec.value)
        if last in words.DRAWS or (last in words.SAMPLES and "random" in dotted):
            return self.opaque(ir.text(e, 30), ("draw", e.id), Kind.DRAW)
        return self.known(last, [], e)

    # --- what the rules of libraries say ---

    def defined(self, dotted: str, e: ir.Call) -> Value | None:
        """What an entry computes, or makes: a loss, a distribution. None where its rules do not say."""
        knowledge = self.file.knowledge
        entry = knowledge.lookup(dotted)
        if entry is None or not entry.value:
            return None
        try:
            if entry.makes == "distribution":
                density = density_of(entry, knowledge)
                return self.law(density, e) if density is not None else None
            made = value_of(entry, knowledge)
        except Unreadable:
            return None  # of a user's rules: what cannot be read says nothing
        if made is None:
            return None
        return self.applied(made, e, "mean") if entry.makes != "loss" else None  # what is made first is called later

    def matched(self, fn: Function, e: ir.Call, also: Sequence[str] = ()) -> dict[str, Node]:
        """The arguments by parameter; those beyond the parameters are left out."""
        given = [a.value for a in e.args if a.name is None]
        out = {p: self.node(x) for p, x in zip(fn.params[: fn.places], given)}
        return out | {a.name: self.node(a.value) for a in e.args if a.name in (*fn.params, *also)}

    def law(self, density: Density, e: ir.Call) -> Law | None:
        params = tuple(p for p in density.log_prob.params if p != "x")
        instead = INSTEAD.get(density.name, ())
        found = self.matched(density.log_prob, e, [other for _, other, _ in instead])
        for param, other, text in instead:
            if param not in found and other in found:
                found[param] = written(self.graph, text, found, e.id)
        found = {**self.defaults(density.log_prob), **found}
        return Law(density, found, e.id) if all(p in found for p in params) else None

    def defaults(self, fn: Function) -> dict[str, Node]:
        return {name: self.graph.constant(value) for name, value in fn.defaults.items()}

    def of_law(self, law: Law, name: str, e: ir.Call) -> Value | None:
        density = law.density
        if name == "log_prob" and e.args:
            return written(self.graph, density.log_prob.text, {**law.given, "x": self.node(e.args[0].value)}, e.id)
        if name == "entropy" and names(ENTROPIES.get(density.name, "x")) <= law.given.keys():
            return written(self.graph, ENTROPIES[density.name], law.given, e.id)
        if name in words.SAMPLES:
            noise = self.opaque(ir.text(e, 30), ("draw", law.origin, e.id), Kind.DRAW)
            if not names(DRAWS.get(density.name, "x")) <= {"z", *law.given}:
                return noise
            made = written(self.graph, DRAWS[density.name], {**law.given, "z": noise}, e.id)
            return made if name == "rsample" else self.graph.apply("stop", made, origin=e.id)
        return None

    def applied(self, fn: Function, e: ir.Call, reduction: object) -> Value | None:
        """A definition with what it is called with; None where an argument makes it something else."""
        others = [a for a in e.args if a.name not in (None, *fn.params, *HARMLESS)]
        if any(a.name not in ("dim", "axis") or self.integer(a.value) != -1 for a in others):
            return None
        found = self.defaults(fn) | self.matched(fn, e)
        if not all(p in found for p in fn.params):
            return None
        for a in e.args:
            if a.name == "reduction":
                held = self.value(a.value)
                reduction = held.value if isinstance(held, Plain) else "none"
        made = written(self.graph, fn.text, found, e.id)
        if not fn.is_mean or reduction in ("mean", "auto", "sum_over_batch_size"):
            return made
        if reduction not in ("sum", "batchmean"):
            return made.args[0]
        whole = self.graph.apply("sum", *made.args, origin=e.id, axis=None)
        rows = self.graph.apply("size", *made.args, origin=e.id, axis=0)
        return whole if reduction == "sum" else self.graph.apply("div", whole, rows, origin=e.id)

    # --- primitives ---

    def known(self, name: str, first: list[Node], e: ir.Call) -> Value | None:
        """A call by a library's name for it, the receiver of a method as its ``first`` argument; None where unknown."""
        args = [*first, *(self.node(a.value) for a in e.args if a.name is None)] if name not in words.FILLED else first
        named = {a.name: a.value for a in e.args if a.name is not None}
        if not args:
            given = next((named[k] for k in _FIRST if k in named), None)
            if given is not None:
                args = [self.node(given)]
        rows: tuple[Callable[[str, list[Node], dict[str, ir.Expr], ir.Call], Value | None], ...] = (
            self.constant_array, self.linear, self.elementwise, self.reduction, self.picked, self.laid_out,
        )  # fmt: skip
        for row in rows:
            made = row(name, args, named, e)
            if made is not None:
                return made
        return None

    def constant_array(self, name: str, args: list[Node], named: dict[str, ir.Expr], e: ir.Call) -> Value | None:
        if name in words.FILLED:
            return self.graph.constant(words.FILLED[name])
        if name in ("full", "full_like") and len(args) > 1:
            return args[1]
        if name == "eye":
            return self.graph.apply("eye", origin=e.id)
        if name in words.SIZES and args:
            axis = int(args[1].constant) if len(args) > 1 and args[1].op == CONSTANT else 0 if name == "len" else None
            return self.graph.apply("size", args[0], origin=e.id, axis=axis)
        return None

    def linear(self, name: str, args: list[Node], named: dict[str, ir.Expr], e: ir.Call) -> Value | None:
        if name != "linear" or len(args) < 2:
            return None
        made = self.graph.apply("matmul", args[0], self.graph.apply("swap", args[1], origin=e.id), origin=e.id)
        return self.graph.apply("add", made, args[2], origin=e.id) if len(args) > 2 else made

    def elementwise(self, name: str, args: list[Node], named: dict[str, ir.Expr], e: ir.Call) -> Value | None:
        apply = self.graph.apply
        if name in words.UNARY and args:
            return apply(words.UNARY[name], args[0], origin=e.id)
        if name == "slogdet" and args:
            return Several((self.graph.constant(1.0), apply("log_det", args[0], origin=e.id)))
        if name in words.BINARY and len(args) >= 2:
            a, b = args[:2]
            if "alpha" in named and name in ("add", "sub"):
                b = apply("mul", self.node(named["alpha"]), b, origin=e.id)
            return apply(words.BINARY[name], a, b, origin=e.id)
        if name in ("max", "min") and len(args) == 2 and args[1].op != CONSTANT and not named:
            return apply(name, args[0], args[1], origin=e.id)
        if name == "where" and len(args) == 3:
            return apply("where", *args, origin=e.id)
        if name == "masked_fill" and len(args) == 3:
            return apply("where", args[1], args[2], args[0], origin=e.id)
        if name in words.CLIPPED and args:
            return self.clipped(name, args, named, e)
        if name == "xlog1py" and len(args) == 2:
            return apply("mul", args[0], apply("log1p", args[1], origin=e.id), origin=e.id)
        if name == "std" and args:
            return apply("sqrt", apply("var", args[0], origin=e.id, **self.along(args, named)), origin=e.id)
        return None

    def clipped(self, name: str, args: list[Node], named: dict[str, ir.Expr], e: ir.Call) -> Node:
        out = args[0]
        lows = [self.node(named[k]) for k in ("min", "a_min", "min_value", "clip_value_min") if k in named]
        highs = [self.node(named[k]) for k in ("max", "a_max", "max_value", "clip_value_max") if k in named]
        bounds = args[1:]
        if name == "clamp_max":
            highs += bounds[:1]
        else:
            lows += bounds[:1]
            highs += bounds[1:2]
        for op, some in (("max", lows), ("min", highs)):
            for bound in some[:1]:
                if bound.op == CONSTANT or bound.leaf is None or bound.leaf.kind is not Kind.OPAQUE:
                    out = self.graph.apply(op, out, bound, origin=e.id)
        return out

    def along(self, args: list[Node], named: dict[str, ir.Expr]) -> dict[str, object]:
        """The axes that a reduction goes along, and whether they stay."""
        axis: object = None
        given = next((named[k] for k in ("dim", "axis") if k in named), None)
        if given is not None:
            axis = self.axis(given)
        elif len(args) > 1 and all(a.op == CONSTANT for a in args[1:]):
            found = [int(a.constant) for a in args[1:]]
            axis = found[0] if len(found) == 1 else tuple(found)
        elif len(args) > 1 and args[1].op == "stack" and all(a.op == CONSTANT for a in args[1].args):
            axis = tuple(int(a.constant) for a in args[1].args)
        keep = next((named[k] for k in ("keepdim", "keepdims", "keep_dims") if k in named), None)
        kept = keep is not None and self.value(keep) == Plain(True)
        return {"axis": axis} | ({"keepdim": True} if kept else {})

    def axis(self, e: ir.Expr) -> object:
        held = self.value(e)
        items = held.items if isinstance(held, Several) else (held,)
        if held == NONE:
            return None
        found = [int(x.constant) for x in items if isinstance(x, Node) and x.op == CONSTANT]
        if len(found) != len(items):
            return -1
        return tuple(found) if isinstance(held, Several) else found[0]

    def reduction(self, name: str, args: list[Node], named: dict[str, ir.Expr], e: ir.Call) -> Value | None:
        if name in words.ALONG and args:
            along = self.along(args, named)
            if along["axis"] is None:
                along = {"axis": None} if name == "squeeze" else {"axis": -1}
            return self.graph.apply(words.ALONG[name], args[0], origin=e.id, axis=along["axis"])
        if name not in words.REDUCTIONS or not args or "weights" in named:
            return None
        op = words.REDUCTIONS[name]
        if op == "norm":
            p = named.get("p", named.get("ord"))
            power = self.integer(p) if p is not None else int(args[1].constant) if len(args) > 1 else 2
            op, args = "norm1" if power == 1 else "norm", [args[0], *args[2:]]
        return self.graph.apply(op, args[0], origin=e.id, **self.along(args, named))

    def picked(self, name: str, args: list[Node], named: dict[str, ir.Expr], e: ir.Call) -> Value | None:
        if name in words.PICKED:
            index = next((self.node(named[k]) for k in ("index", "indices") if k in named), None)
            arrays = [a for a in args if a.op != CONSTANT] + ([index] if index is not None else [])
            axes = [int(a.constant) for a in args if a.op == CONSTANT]
            axis = self.axis(named["dim"]) if "dim" in named else self.axis(named["axis"]) if "axis" in named else -1
            if len(arrays) == 2:
                return self.graph.apply("pick", *arrays, origin=e.id, axis=axes[0] if axes else axis)
        if name == "one_hot" and args:
            return self.graph.apply("one_hot", args[0], origin=e.id)
        return None

    def laid_out(self, name: str, args: list[Node], named: dict[str, ir.Expr], e: ir.Call) -> Value | None:
        if name in words.TOGETHER and args:
            held = self.value(e.args[0].value)
            axis = next((self.axis(named[k]) for k in ("dim", "axis") if k in named), None)
            if axis is None:
                axis = int(args[1].constant) if len(args) > 1 and args[1].op == CONSTANT else 0
            if isinstance(held, Several) and held.items:
                nodes = [self.as_node(x, e.args[0].value) for x in held.items]
                return self.graph.apply(words.TOGETHER[name], *nodes, origin=e.id, axis=axis)
            return args[0]
        if name in words.TRANSPOSED and args:
            return self.graph.apply("swap", args[0], origin=e.id)
        if name in words.FLAT and args:
            start = int(args[1].constant) if len(args) > 1 and args[1].op == CONSTANT else 0
            return self.graph.apply("flatten", args[0], origin=e.id, start=start)
        if name in words.SAME and args:
            return args[0]
        return None


def expression(
    e: ir.Expr,
    graph: Graph | None = None,
    given: Mapping[str, Value] | None = None,
    knowledge: Knowledge | None = None,
) -> Value:
    """The graph of one expression as it was typed: its names are leaves, libraries are called as is customary."""
    return Reader(graph if graph is not None else Graph(), File(words.CUSTOMARY, knowledge), dict(given or {})).value(e)
