"""Programs made of the analysis' own small language, which no text has to be found for: nothing may raise over them.

Every form of `vaelint.ir` is made, in every place where the types of the language allow it, out of the words that
losses are written with. What a parser would never yield is left out by the types alone.
"""

from __future__ import annotations

import gc
from dataclasses import fields, replace
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from vaelint import ir
from vaelint.config import Config
from vaelint.examine import Part, examine
from vaelint.knowledge import load
from vaelint.source import file
from vaelint.source.project import Project

NAMES = (
    "x", "y", "z", "loss", "nll", "kl", "elbo", "reward", "log_prob", "logits", "beta", "losses", "best_loss", "mode",
    "model", "optimizer", "self", "q", "p", "a", "i", "F", "torch", "optax", "Normal", "Net", "train", "nll_loss",
)  # fmt: skip
MEMBERS = (
    "loss", "mean", "sum", "item", "detach", "backward", "step", "zero_grad", "log_prob", "rsample", "sample",
    "entropy", "append", "items", "values", "get", "nll_loss", "mse_loss", "log_softmax", "kl_divergence", "Adam",
    "SGD", "data", "grad", "forward", "parameters", "minimize", "min", "argmax", "where", "exp", "log", "clamp",
)  # fmt: skip
CONSTANTS = (
    0,
    1,
    -1,
    2,
    0.5,
    1e-8,
    1j,
    10**40,
    True,
    False,
    None,
    ...,
    "",
    "loss",
    "min",
    "max",
    "val_loss",
    b"x",
    float("inf"),
)
HEAD = """\
import torch
import optax
import torch.nn.functional as F
from torch.distributions import Normal
"""
TEXT = f"""\
{HEAD}loss = nll = 1


def train(x, loss):
    pass


class Net(torch.nn.Module):
    def nll_loss(self, x):
        pass
"""
AT_ONCE = 50  # programs after which hypothesis begins anew: each takes it 1.4 MB for as long as it runs
_ID = -1  # until the whole is numbered

names = st.sampled_from(NAMES)
keywords = st.sampled_from((*NAMES[:12], *MEMBERS[:4], "maximize", "lr", "params", "reduction"))


def _of(node: type[Any], *parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(node, st.just(_ID), *parts)


def _some(of: st.SearchStrategy[Any], most: int = 3, least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, min_size=least, max_size=most).map(tuple)


def _maybe(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | of


_leaf = _of(ir.Name, names) | _of(ir.Const, st.sampled_from(CONSTANTS)) | _of(ir.Opaque, st.just("no form"))
_member = st.sampled_from(MEMBERS)


def _around(e: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Each form of an expression, with ``e`` in it."""
    argument = _of(ir.Arg, e, st.none(), st.sampled_from(("", "", "*", "**"))) | _of(ir.Arg, e, keywords)
    calls = _of(ir.Call, _of(ir.Attr, e, _member) | _of(ir.Name, names) | e, _some(argument))
    parameter = _of(ir.Param, names, _maybe(e), _maybe(e), st.sampled_from(("", "", "*", "**")), st.booleans())
    sliced = _of(ir.Slice, _maybe(e), _maybe(e), _maybe(e))
    loops = _some(_of(ir.CompFor, e, e, _some(e, 1)), 2, 1)
    compared = st.tuples(st.sampled_from(("<", ">", "<=", "==", "!=", "is", "is not", "in", "not in")), e)
    return st.one_of(
        calls,
        _of(ir.Binary, st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^", "<<", ">>"]), e, e),
        _of(ir.Unary, st.sampled_from(("-", "-", "+", "~", "not")), e),
        _of(ir.Attr, e, _member),
        _of(ir.Subscript, e, e | sliced),
        _of(ir.Compare, e, _some(compared, 2, 1)),
        _of(ir.BoolOp, st.sampled_from(("and", "or")), e, e),
        _of(ir.IfExp, e, e, e),
        _of(ir.Lambda, _some(parameter, 2), e),
        st.one_of(*(_of(display, _some(e | _of(ir.Star, e))) for display in (ir.Tuple, ir.List, ir.Set))),
        _of(ir.Dict, _some(st.tuples(_maybe(e), e))),
        _of(ir.Comp, st.sampled_from(("list", "set", "generator")), e, st.none(), loops),
        _of(ir.Comp, st.just("dict"), e, e, loops),
        _of(ir.FString, st.sampled_from(("loss: {}", "{}", "{} {}", "")), _some(e, 2)),
        _of(ir.Walrus, _of(ir.Name, names), e),
        _of(ir.Await, e),
        _of(ir.Yield, _maybe(e)),
    )


expressions = st.recursive(_leaf, _around, max_leaves=8)
_targets = st.one_of(
    _of(ir.Name, names),
    _of(ir.Attr, _of(ir.Name, names), _member),
    _of(ir.Subscript, _of(ir.Name, names), expressions),
    _of(ir.Tuple, _some(_of(ir.Name, names) | _of(ir.Star, _of(ir.Name, names)), 3, 1)),
)
_parameters = _some(
    _of(
        ir.Param,
        names,
        _maybe(expressions),
        _maybe(expressions),
        st.sampled_from(("", "", "", "*", "**")),
        st.booleans(),
    ),
    4,
)
_names = _some(st.tuples(names, _maybe(names)), 2, 1)
_simple = st.one_of(
    _of(ir.Assign, _some(_targets, 2, 1), expressions),
    _of(ir.Assign, _some(_targets, 1, 1), _maybe(expressions), _maybe(expressions)),
    _of(ir.AugAssign, st.sampled_from(["+", "-", "*", "/", "**"]), _targets, expressions),
    _of(ir.ExprStmt, expressions),
    _of(ir.Return, _maybe(expressions)),
    _of(ir.Import, _names),
    _of(ir.ImportFrom, st.sampled_from(("torch", "torch.optim", "optax", "nowhere", "")), _names, st.integers(0, 2)),
    _of(ir.Delete, _some(_targets, 2, 1)),
    _of(ir.Assert, expressions),
    _of(ir.Scope, st.sampled_from(("global", "nonlocal")), _some(names, 2, 1)),
    _of(ir.Jump, st.sampled_from(("break", "continue"))),
    _of(ir.Raise),
    _of(ir.Pass),
)  # fmt: skip


def _within(s: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Each form of a statement that holds others, with ``s`` in it."""
    block, e = _some(s, 4, 1), expressions
    maybe_block = _some(s, 2)
    return st.one_of(
        _of(ir.If, e, block, maybe_block),
        _of(ir.For, _targets, e, block, maybe_block),
        _of(ir.While, e, block, maybe_block),
        _of(ir.With, _some(st.tuples(e, _maybe(_targets)), 2, 1), block),
        _of(ir.Try, block, _some(st.tuples(_maybe(names), block), 2), maybe_block, maybe_block),
        _of(ir.Match, e, _some(block, 2)),
        _of(ir.FunctionDef, names, _parameters, block, _some(e, 1), _maybe(e), st.booleans()),
        _of(ir.ClassDef, names, _some(e, 2), _some(_of(ir.Arg, e, keywords), 1), block, _some(e, 1)),
    )


statements = st.recursive(_simple, _within, max_leaves=6)
blocks = _some(statements, 6, 1)
Made = TypeVar("Made")


def numbered(made: Made, ids: count[int]) -> Made:
    """The same with an id of its own for each node, as the lowering gives them."""
    if isinstance(made, tuple):
        return tuple(numbered(x, ids) for x in made)  # type: ignore[return-value]
    if not isinstance(made, ir.Node):
        return made
    own = next(ids)
    parts = {f.name: numbered(getattr(made, f.name), ids) for f in fields(made) if f.name != "id"}
    return replace(made, id=own, **parts)


def interpreted(top: ir.Block, function: ir.Block, method: ir.Block) -> Part:
    """What the examination makes of a file whose top level, function and method hold these."""
    source = file.SourceFile(Path("m.py"), "m.py", TEXT)
    for unit in source._all_units():
        lowered = source.lower(unit)
        ids = count(source._base(unit) + 1_000)  # behind those of what the text itself holds
        if unit.kind == "code":
            source._lowered[unit.number] = (*lowered, *numbered(top, ids))
        for s in lowered:
            if isinstance(s, ir.FunctionDef):
                own = numbered(method if unit.kind == "method" else function, ids)
                source._lowered[unit.number] = (replace(s, body=own),)
    with patch.object(file, "load", return_value=source):
        return examine(source.path, None, load(()), Config(), Project())


def failure(examples: int, start: int, derandomized: bool = False) -> str:
    """The smallest program that something raises over, with what it raises; empty if there was none."""
    for begin in range(0, examples, AT_ONCE):
        broken = _failure(min(AT_ONCE, examples - begin), start + begin, derandomized)
        gc.collect()
        if broken:
            return broken
    return ""


def _failure(examples: int, start: int, derandomized: bool) -> str:
    @seed(start)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=derandomized,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
        print_blob=False,
    )
    @given(blocks, blocks, blocks)
    def tried(top: ir.Block, function: ir.Block, method: ir.Block) -> None:
        for problem in interpreted(top, function, method).problems:
            if problem.ours:
                raise AssertionError(f"{problem.message}\n{top}\n{function}\n{method}\n{problem.details}")

    try:
        tried()
    except AssertionError as error:
        return str(error)
    return ""
