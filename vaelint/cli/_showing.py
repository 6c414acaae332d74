"""``vaelint check --show-files`` and ``--show-settings``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from vaelint.cli import _output
from vaelint.cli._options import Input
from vaelint.config import KEYS, Config, ConfigError, Pattern


def _found(given: Input) -> list[Path]:
    from vaelint.engine import list_files

    if given.stdin is not None:
        return [Path(given.stdin[0])]
    try:
        found, problems = list_files(given.paths, given.settings)
    except ConfigError as e:
        raise _output.Trouble(str(e)) from e
    _output.say_problems(problems, given.view)
    return found


def files(given: Input) -> str:
    """Absolute paths, one a line, as in Ruff."""
    return "".join(given.view.full(str(path)) + "\n" for path in _found(given))


def settings(given: Input) -> str:
    found = _found(given)
    config = given.settings.of(found[0]) if found else given.config
    about = given.view.full(str(found[0])) if found else "no file: none was found"
    source = given.view.full(str(config.source)) if config.source is not None else "none"
    return "".join(line + "\n" for line in (f"# of {about}", f"# configuration: {source}", *_values(config)))


def _values(config: Config) -> Iterator[str]:
    """As they would stand in a vaelint.toml, those not set as a comment."""
    for key in KEYS:
        value = getattr(config, key.field, None)
        is_set = value not in (None, "", ()) or key.default == "[]"
        yield f"{key.name} = {_toml(value)}" if is_set else f"# {key.name} is not set"
    if config.off:
        yield f"# ignored in this file: {', '.join(config.off)}"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Pattern):
        return _text(value.text)
    if isinstance(value, Enum):
        return _text(str(value.value))
    if isinstance(value, tuple) and value and all(isinstance(x, tuple) for x in value):
        if isinstance(value[0][0], Pattern):
            return "{ " + ", ".join(f"{_toml(p)} = {_toml(codes)}" for p, codes in value) + " }"
        senses: dict[str, tuple[str, ...]] = {}
        for word, sense in value:
            senses[sense] = (*senses.get(sense, ()), word)
        return "{ " + ", ".join(f"{sense} = {_toml(words)}" for sense, words in senses.items()) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return _text(str(value))


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
