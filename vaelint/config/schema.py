"""The configuration as a JSON schema, and as a page: both made of the table of keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vaelint.config.keys import KEYS, Key

FILE = Path(__file__).with_name("vaelint.schema.json")


def made() -> dict[str, Any]:
    """JSON schema (draft 7) of ``vaelint.toml``, and of the table ``tool.vaelint`` in a pyproject.toml."""
    from vaelint import report
    from vaelint.checks import all_checks

    checks = all_checks()
    codes = sorted({"ALL", "VL", *(c.code[:3] for c in checks), *(c.code for c in checks), *(c.name for c in checks)})
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "vaelint",
        "description": "Settings of vaelint: a vaelint.toml, or [tool.vaelint] in a pyproject.toml.",
        "type": "object",
        "additionalProperties": False,
        "properties": {key.name: {"description": key.doc, **key.schema} for key in KEYS},
        "definitions": {
            "selector": {"type": "string", "enum": codes},
            "format": {"type": "string", "enum": [*report.names()]},
        },
    }


def page() -> str:
    """Markdown: each key with its default and an example."""
    return "\n".join(map(about, KEYS))


def about(key: Key) -> str:
    default = f"Default: `{key.default}`. " if key.default else ""
    added = "A file that extends another adds to it.\n" if key.adds else ""
    return f"### `{key.name}`\n\n{key.doc}\n{added}\n{default}Example:\n\n```toml\n{key.example}\n```\n"
