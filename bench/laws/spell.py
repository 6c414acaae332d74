"""Laws' texts as small functions that people could have written: in the spelling of a library, with temporaries,
helpers, operands the other way round, in place, alone or as a term of a loss that is minimised."""

from __future__ import annotations

import ast
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LIBRARIES = ("torch", "jax", "numpy")
SHAPES = ("alone", "returned", "temporaries", "helper", "commuted", "in place", "term")

_HEADS = {
    "torch": "import torch\nimport torch.nn.functional as F\n",
    "jax": "import jax\nimport jax.numpy as jnp\nimport optax\n",
    "numpy": "import numpy as np\nfrom scipy import special\n",
}
_PLAIN = {"torch": "torch", "jax": "jnp", "numpy": "np"}
_OWN = {
    "torch": {
        "softplus": "F.softplus", "logsigmoid": "F.logsigmoid", "relu": "torch.relu", "sigmoid": "torch.sigmoid",
        "digamma": "torch.digamma", "lgamma": "torch.lgamma", "solve": "torch.linalg.solve", "logdet": "torch.logdet",
        "det": "torch.det", "inv": "torch.inverse", "cholesky": "torch.linalg.cholesky", "norm": "torch.norm",
        "stop": "torch.detach", "erf": "torch.erf", "logit": "torch.logit", "i0": "torch.i0", "arctan": "torch.atan",
        "xlogy": "torch.xlogy", "dot": "torch.dot", "clip": "torch.clamp",
    },
    "jax": {
        "softplus": "jax.nn.softplus", "logsigmoid": "jax.nn.log_sigmoid", "relu": "jax.nn.relu",
        "sigmoid": "jax.nn.sigmoid", "softmax": "jax.nn.softmax", "log_softmax": "jax.nn.log_softmax",
        "logsumexp": "jax.scipy.special.logsumexp", "lgamma": "jax.scipy.special.gammaln",
        "digamma": "jax.scipy.special.digamma", "erf": "jax.scipy.special.erf", "logit": "jax.scipy.special.logit",
        "i0": "jax.scipy.special.i0", "xlogy": "jax.scipy.special.xlogy", "solve": "jnp.linalg.solve",
        "det": "jnp.linalg.det", "inv": "jnp.linalg.inv", "cholesky": "jnp.linalg.cholesky", "norm": "jnp.linalg.norm",
        "stop": "jax.lax.stop_gradient",
    },
    "numpy": {
        "sigmoid": "special.expit", "softmax": "special.softmax", "log_softmax": "special.log_softmax",
        "logsumexp": "special.logsumexp", "lgamma": "special.gammaln", "digamma": "special.digamma",
        "erf": "special.erf", "logit": "special.logit", "i0": "special.i0", "xlogy": "special.xlogy",
        "solve": "np.linalg.solve", "det": "np.linalg.det", "inv": "np.linalg.inv", "cholesky": "np.linalg.cholesky",
        "norm": "np.linalg.norm",
    },
}  # fmt: skip
# What a library has no function for is written out.
_WRITTEN = {
    "numpy": {"softplus": "logaddexp(0, x)", "logsigmoid": "-logaddexp(0, -x)", "relu": "maximum(x, 0)", "stop": "x"},
    "torch": {}, "jax": {},
}  # fmt: skip
_EVERYWHERE = {
    "cosine": (("a", "b"), "dot(a, b) / (norm(a) * norm(b))"),
    "betaln": (("a", "b"), "lgamma(a) + lgamma(b) - lgamma(a + b)"),
    "norm_pdf": (("x",), "exp(-0.5 * x**2) / 2.5066282746310002"),
    "norm_cdf": (("x",), "0.5 * (1 + erf(x / 1.4142135623730951))"),
    "log_norm_cdf": (("x",), "log(0.5 * (1 + erf(x / 1.4142135623730951)))"),
}  # fmt: skip
_METHODS = frozenset({"exp", "log", "sqrt", "sum", "mean", "abs", "square", "log1p", "sigmoid", "detach", "tanh"})


@dataclass(frozen=True, slots=True)
class Written:
    """A file of one function; ``shape`` and ``library`` say how it was written."""

    text: str
    library: str
    shape: str


def written(
    text: str, names: Mapping[str, str], holder: str, sense: str, rng: random.Random, shape: str | None = None
) -> Written:
    """The law's text with names for its roles. What is ``gain`` by its sense is subtracted where it is a term."""
    library = rng.choice(LIBRARIES)
    shape = shape or rng.choice([s for s in SHAPES if sense in ("gain", "cost") or s != "term"])
    e = _Spelled(library, names, rng, commute=shape == "commuted").visit(ast.parse(text, mode="eval").body)
    e = ast.fix_missing_locations(e)
    params = list(dict.fromkeys(names.values()))
    if holder.startswith("self."):
        params = ["self", *params]
    return Written(_HEADS[library] + _body(e, params, holder, sense, shape, library, rng), library, shape)


class _Spelled(ast.NodeTransformer):
    def __init__(self, library: str, names: Mapping[str, str], rng: random.Random, commute: bool) -> None:
        self.library, self.names, self.rng, self.commute = library, names, rng, commute

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self.names:
            return ast.Name(self.names[node.id], ast.Load())
        if node.id in ("pi", "inf"):
            return _expr(f"{'np' if self.library == 'numpy' else _PLAIN[self.library]}.{node.id}")
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        left, right = self.visit(node.left), self.visit(node.right)
        if self.commute and isinstance(node.op, (ast.Add, ast.Mult)):
            left, right = right, left
        if self.commute and isinstance(node.op, ast.Sub) and self.rng.random() < 0.5:
            return ast.BinOp(ast.UnaryOp(ast.USub(), right), ast.Add(), left)
        return ast.BinOp(left, node.op, right)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        short = _EVERYWHERE.get(name)
        if short is None and name in _WRITTEN[self.library]:
            short = (("x",), _WRITTEN[self.library][name])
        if short is not None:
            body = _Put(dict(zip(short[0], node.args))).visit(_expr(short[1]))
            return self.visit(body)  # type: ignore[no-any-return]
        args = [self.visit(a) for a in node.args]
        if self.library == "torch" and name in _METHODS and len(args) == 1 and self.rng.random() < 0.5:
            return ast.Call(ast.Attribute(args[0], name, ast.Load()), [], [])
        path = _OWN[self.library].get(name, f"{_PLAIN[self.library]}.{name}")
        return ast.Call(_expr(path), args, [*node.keywords, *self.axis(name)])

    def axis(self, name: str) -> list[ast.keyword]:
        if self.library == "torch" and name in ("softmax", "log_softmax", "logsumexp", "cumsum"):
            return [ast.keyword("dim", ast.UnaryOp(ast.USub(), ast.Constant(1)))]
        return []


class _Put(ast.NodeTransformer):
    def __init__(self, what: Mapping[str, ast.expr]) -> None:
        self.what = what

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self.what.get(node.id, node)


def _expr(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


# --- around it -----------------------------------------------------------------------------------


def _body(
    e: ast.expr, params: Sequence[str], holder: str, sense: str, shape: str, library: str, rng: random.Random
) -> str:
    given = ", ".join(params)
    whole = ast.unparse(e)
    if shape == "returned":
        return f"\n\ndef {holder.rpartition('.')[2]}({given}):\n    return {whole}\n"
    if shape == "temporaries":
        rows, left = _taken_out(e, rng)
        lines = "".join(f"    {name} = {ast.unparse(x)}\n" for name, x in rows)
        return f"\n\ndef compute({given}):\n{lines}    {holder} = {ast.unparse(left)}\n    return {holder}\n"
    if shape == "helper":
        rows, left = _taken_out(e, rng, most=1)
        if rows:
            (_, inner), used = rows[0], _names(rows[0][1])
            needed = ", ".join(p for p in params if p in used)
            helper = f"\n\ndef _inner({needed}):\n    return {ast.unparse(inner)}\n"
            whole = ast.unparse(_Put({rows[0][0]: _expr(f"_inner({needed})")}).visit(left))
            return f"{helper}\n\ndef compute({given}):\n    {holder} = {whole}\n    return {holder}\n"
    if shape == "in place" and isinstance(e, ast.BinOp) and isinstance(e.op, (ast.Add, ast.Sub)):
        sign = "+=" if isinstance(e.op, ast.Add) else "-="
        first, second = ast.unparse(e.left), ast.unparse(e.right)
        return f"\n\ndef compute({given}):\n    {holder} = {first}\n    {holder} {sign} {second}\n    return {holder}\n"
    if shape == "term" and holder not in params:
        return _minimised(whole, given, holder, sense, library)
    return f"\n\ndef compute({given}):\n    {holder} = {whole}\n    return {holder}\n"


def _minimised(whole: str, given: str, holder: str, sense: str, library: str) -> str:
    total = "objective" if holder != "objective" else "total"
    joined = f"base {'-' if sense == 'gain' else '+'} 0.5 * {holder}"
    if library == "torch":
        return (
            f"\n\ndef train(model, optimizer, base, {given}):\n    {holder} = {whole}\n    {total} = {joined}\n"
            f"    optimizer.zero_grad()\n    {total}.backward()\n    optimizer.step()\n"
        )
    return f"\n\ndef {total}(base, {given}):\n    {holder} = {whole}\n    return {joined}\n"


def _taken_out(e: ast.expr, rng: random.Random, most: int = 2) -> tuple[list[tuple[str, ast.expr]], ast.expr]:
    """Some of the inner operations under names of their own."""
    inner = [x for x in ast.walk(e) if x is not e and isinstance(x, (ast.BinOp, ast.Call)) and _names(x)]
    rng.shuffle(inner)
    rows: list[tuple[str, ast.expr]] = []
    for x in inner[:most]:
        assert isinstance(x, ast.expr)
        if any(x is y or x in ast.walk(held) or held in ast.walk(x) for _, held in rows for y in [held]):
            continue
        rows.append((f"part{len(rows) + 1}", x))
    left = _Out({id(x): name for name, x in rows}).visit(e)
    assert isinstance(left, ast.expr)
    return rows, left


class _Out(ast.NodeTransformer):
    def __init__(self, what: Mapping[int, str]) -> None:
        self.what = what

    def visit(self, node: ast.AST) -> ast.AST:
        if id(node) in self.what:
            return ast.Name(self.what[id(node)], ast.Load())
        seen: ast.AST = super().visit(node)
        return seen


def _names(e: ast.AST) -> set[str]:
    called = {x.func.id for x in ast.walk(e) if isinstance(x, ast.Call) and isinstance(x.func, ast.Name)}
    return (
        {x.id for x in ast.walk(e) if isinstance(x, ast.Name)} - called - {"torch", "F", "jnp", "jax", "np", "special"}
    )
