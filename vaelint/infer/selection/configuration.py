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
    short = s.name.rpartition(".")[2]
    if mode is not None and (mode.text or "").lower() not in s.auto:
        direction = choose(mode.text or "", s.minimize, s.maximize)
        yield _made(block, name, direction, f"{s.mode}: {mode.text}", False, mode.row, f"`{short}`", s, knowledge)
        return
    pattern = next((x for x in s.default if matching(x[0], name.text)), None)
    if pattern is not None:
        values = s.minimize if pattern[1] == "minimize" else s.maximize
        setting = f"{s.mode}: {values[0]}"
        yield _made(block, name, Direction(pattern[1]), setting, True, name.row, f"`{short}`", s, knowledge)


def _of_settings(block: Block, knowledge: Knowledge) -> Iterator[Monitored]:
    for s in knowledge.metrics.settings:
        modes, metrics = s.mode & block.values.keys(), s.metric & block.values.keys()
        if len(modes) != 1 or len(metrics) != 1:
            continue
        key = next(iter(modes))
        mode, name = block.values[key], block.values[next(iter(metrics))]
        direction = s.direction(mode.text or "")
        if name.text and direction is not Direction.UNKNOWN:
            via = f"`{block.name}`" if block.name else "this"
            other = s.opposite(mode.text or "")
            edit, change = f"write `{key}: {other}`", (key, other)
            yield _event(name, direction, f"{key}: {mode.text}", False, mode.row, via, edit, knowledge, change)
        return
    if _is_sweep(block) and "goal" not in block.values:
        name = block.values["name"]
        edit, change = "give `goal: maximize`", ("goal", "maximize")
        yield _event(name, Direction.MINIMIZE, "goal: minimize", True, name.row, "`metric`", edit, knowledge, change)


def _is_sweep(block: Block) -> bool:
    """The metric of a wandb sweep: its goal is to minimise unless it says otherwise."""
    above = block.parent
    return (
        block.name == "metric"
        and above is not None
        and {"method", "parameters"} <= above.values.keys() | above.children.keys()
        and bool("name" in block.values and block.values["name"].text)
    )


def _made(
    block: Block, name: Scalar, direction: Direction, setting: str, default: bool, row: int, via: str, s: Selector,
    knowledge: Knowledge,
) -> Monitored:  # fmt: skip
    values = s.minimize if direction is Direction.MAXIMIZE else s.maximize
    edit = f"{'give' if default else 'write'} `{s.mode}: {values[0]}`"
    return _event(name, direction, setting, default, row, via, edit, knowledge, (s.mode, values[0]))


def _event(
    name: Scalar, direction: Direction, setting: str, default: bool, row: int, via: str, edit: str,
    knowledge: Knowledge, change: tuple[str, str],
) -> Monitored:  # fmt: skip
    text = name.text or ""
    return Monitored(text, _said(text, knowledge), direction, setting, default, row, via, "", edit, change=change)
