"""``vaelint config``."""

from __future__ import annotations

import json

import click

from vaelint.cli import _output, _outputs
from vaelint.config import KEYS, did_you_mean, schema
from vaelint.report._view import wrapped


@click.command("config", short_help="Say what can be configured, and how.")
@click.argument("key", required=False)
@click.option("--schema", "as_schema", is_flag=True, help="Print the JSON schema of the configuration.")
def command(key: str | None, as_schema: bool) -> None:
    """List the keys of the configuration, or say what KEY means."""
    if as_schema:
        _output.emit(json.dumps(schema.made(), indent=2, ensure_ascii=False) + "\n")
        return
    if key is None:
        _output.emit("".join(f"{k.name}\n" for k in KEYS))
        return
    found = next((k for k in KEYS if k.name == key), None)
    if found is None:
        raise _output.Trouble(f"there is no key `{key}`{did_you_mean(key, [k.name for k in KEYS])}")
    prose, fence, example = schema.about(found).partition("```toml")  # what is code is to be copied
    columns = _outputs.terminal_width() or 0
    _output.emit("\n".join(wrapped(row, columns) for row in prose.split("\n")) + fence + example)
