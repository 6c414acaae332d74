"""Closed forms written by hand, by the terms they must have: a Gaussian's KL and density, cross-entropy of a coin."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator

from bench.mutants import words as w
from bench.mutants.text import Edit, Scope, Source, own_expressions

_EXP = re.compile(r"\bexp\(|\.exp\(\)|expm1\(|\bvar\b|variance|\.pow\(2\)|square\(|\*\* ?2")
_SQUARE = re.compile(r"\*\* ?2|\.pow\(2|square\(|\.square\(")
_COIN = re.compile(r"log\w*\(\s*1(?:\.0?)? ?- |log1p\(\s*-")
_LOG = re.compile(r"\blog\w*\(|\.log\(")


def flip_closed_form(source: Source, statement: ast.stmt, scope: Scope) -> Iterator[Edit | None]:
    """One variable term of a closed form with its sign turned. At most one a statement.

    Constants (``0.5 * log(2 * pi)``, ``1``) are left alone: their sign moves no optimum.
    """
    if w.NORMALISER.search(scope.name):
        return
    for node in own_expressions(statement):
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, (ast.Add, ast.Sub))
            and not _part_of_sum(statement, node)
        ):
            terms = list(_terms(node))
            texts = [source.of(term) for term, _ in terms]
            if _gaussian_kl(texts) or _gaussian_density(texts):
                moving = [i for i, (term, _) in enumerate(terms) if _moves(source, term, texts[i])]
                if len(moving) >= 2:
                    yield _flip(source, terms, moving[_pick(" ".join(texts), len(moving))])
                    return
            if len(texts) == 2 and all(map(_LOG.search, texts)) and any(map(_COIN.search, texts)):
                if isinstance(node.op, ast.Add) and all("*" in t for t in texts):
                    yield source.swapped(node)
                    return


def _part_of_sum(statement: ast.stmt, node: ast.expr) -> bool:
    return any(
        isinstance(other, ast.BinOp) and isinstance(other.op, (ast.Add, ast.Sub)) and node in (other.left, other.right)
        for other in own_expressions(statement)
    )


def _terms(node: ast.expr) -> Iterator[tuple[ast.expr, ast.BinOp | None]]:
    """The terms of a sum, each with the operation whose right side it is; the first has none."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        yield from _terms(node.left)
        yield node.right, node
    else:
        yield node, None


def _gaussian_kl(texts: list[str]) -> bool:
    """``1 + logvar - mu**2 - exp(logvar)``, ``var_ratio + t1 - 1 - var_ratio.log()``."""
    one = any(re.fullmatch(r"\(?-?(?:1|0\.5|1\.0|1\.)\)?", t) for t in texts)
    log = any(w.LOG_SCALE.search(t) and not _EXP.search(t) for t in texts)
    return len(texts) >= 3 and one and log and any(_EXP.search(t) for t in texts)


def _gaussian_density(texts: list[str]) -> bool:
    """``log_scale + 0.5 * z**2 + 0.5 * log(2 * pi)``."""
    pi = any(w.PI.search(t) for t in texts)
    square = any(_SQUARE.search(t) for t in texts)
    return len(texts) >= 3 and pi and square and any(w.LOG_SCALE.search(t) and not w.PI.search(t) for t in texts)


def _moves(source: Source, term: ast.expr, text: str) -> bool:
    """A term with a variable in it."""
    names = {n.id for n in ast.walk(term) if isinstance(n, ast.Name)} - source.imported
    return bool(names) and not w.PI.search(text)


def _pick(text: str, n: int) -> int:
    return int(hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(), 16) % n


def _flip(source: Source, terms: list[tuple[ast.expr, ast.BinOp | None]], index: int) -> Edit | None:
    term, operation = terms[index]
    if operation is not None:
        return source.swapped(operation)
    if isinstance(term, ast.UnaryOp) and isinstance(term.op, ast.USub):
        return source.without_minus(term)
    return source.negated(term)
