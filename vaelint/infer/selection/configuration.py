"""Selections that a YAML file sets: a sweep's goal, a callback's mode beside the metric that it monitors."""

from __future__ import annotations

from collections.abc import Iterator

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.events import Monitored, Reading
from vaelint.knowledge import Knowledge
from vaelint.knowledge.metrics import choose, matching
from vaelint.knowledge.schema import Selector
from vaelint.sense import Direction
from vaelint.source.yaml import Block, Scalar, blocks


def events(text: str, knowledge: Knowledge) -> list[Monitored]:
    """What a file of settings selects by."""
    out: list[Monitored] = []
    for block in blocks(text):
        selector = _selector(block, knowledge)
        if selector is not None:
            out += _of_selector(block, selector, knowledge)
        else:
            out += _of_settings(block, knowledge)
    return out


def _said(name: str, knowledge: Knowledge) -> Reading | None:
    found = knowledge.metrics.metric(name)
    return Reading(found.sense, Basis.NAME, ir.called(name), found.signed) if found is not None else None


def _selector(block: Block, knowledge: Knowledge) -> Selector | None:
    """The class that a block's values go to (`_target_` of Hydra; `class_path` beside `init_args` of Lightning)."""
    target = block.values.get("_target_")
    if target is None and block.name == "init_args" and block.parent is not None:
        target = block.parent.values.get("class_path")
    return knowledge.selector(target.text) if target is not None and target.text else None


def _of_selector(block: Block, s: Selector, knowledge: Knowledge) -> Iterator[Monitored]:
    name, mode = block.values.get(s.metric), block.values.get(s.mode)
    if name is None or not name.text:
        return
    via = f"`{s.name.rpartition('.')[2]}`"
    if mode is not None and (mode.text or "").lower() not in s.auto:
        way = choose(mode.text or "", s.minimize, s.maximize)
        yield _event(name, way, s.mode, str(mode.text), s.written(-way), mode.row, via, knowledge)
        return
    default = next((Direction(way) for pattern, way in s.default if matching(pattern, name.text)), None)
    if default is not None:
        word, other = s.written(default), s.written(-default)
        yield _event(name, default, s.mode, word, other, name.row, via, knowledge, by_default=True)


def _of_settings(block: Block, knowledge: Knowledge) -> Iterator[Monitored]:
    for s, key, metric in knowledge.metrics.pairs(block.values.keys()):
        mode, name = block.values[key], block.values[metric]
        way = s.direction(mode.text or "")
        if name.text and way is not Direction.UNKNOWN:
            via = f"`{block.name}`" if block.name else "this"
            yield _event(name, way, key, str(mode.text), s.opposite(mode.text or ""), mode.row, via, knowledge)
        return
    if _is_sweep(block) and "goal" not in block.values:
        name, down = block.values["name"], Direction.MINIMIZE
        yield _event(name, down, "goal", "minimize", "maximize", name.row, "`metric`", knowledge, by_default=True)


def _is_sweep(block: Block) -> bool:
    """The metric of a wandb sweep: its goal is to minimise unless it says otherwise."""
    above = block.parent
    return (
        block.name == "metric"
        and above is not None
        and {"method", "parameters"} <= above.values.keys() | above.children.keys()
        and bool("name" in block.values and block.values["name"].text)
    )


def _event(
    name: Scalar, way: Direction, key: str, word: str, other: str, row: int, via: str, knowledge: Knowledge,
    by_default: bool = False,
) -> Monitored:  # fmt: skip
    """``key: word`` selects by ``name``; ``other`` is what would select the other end."""
    text, edit = name.text or "", f"{'give' if by_default else 'write'} `{key}: {other}`"
    said, change = _said(text, knowledge), (key, other)
    return Monitored(text, said, way, f"{key}: {word}", by_default, row, via, "", edit, change=change)
