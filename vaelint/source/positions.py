"""Rows and columns of the nodes of one unit: lowered again, with libcst's position metadata."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from vaelint.source.lower import Lowering
from vaelint.source.quick import Span

Body = Callable[[cst.Module], Sequence[cst.BaseStatement | cst.BaseSmallStatement]]


def of(module: cst.Module, body: Body, base: int) -> dict[int, Span]:
    """The span of every node by id, in the rows of the module's text. May raise RecursionError."""
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    lowering = Lowering(base, keep=True)
    lowering.block(body(wrapper.module))
    try:
        ranges = wrapper.resolve(PositionProvider)
    except KeyError as error:  # what libcst makes of running out of Python's stack on its way out of a node
        raise RecursionError from error
    out: dict[int, Span] = {}
    for i, node in (lowering.origins or {}).items():
        found = ranges.get(node)
        if found is not None:
            a, b = found.start, found.end
            out[i] = (a.line, a.column + 1, b.line, b.column + 1)
    return out
