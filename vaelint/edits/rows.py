"""The edits to a file of settings: the value of a key on its row."""

from __future__ import annotations

import re

from vaelint.finding import Edit, Fix, Location


def setting(text: str, at: Location, name: str, value: str) -> Fix | None:
    """Another value for a key, in the quotes that it has; or the key on a row behind that at ``at``, if there is none.

    Only where the row is as simple as `vaelint.source.yaml` reads: one plain or quoted value behind the key.
    """
    line = text.split("\n")[at.row - 1]
    begins = rf"""(?:^|[\s{{,])["']?{re.escape(name)}["']?\s*:\s*"""
    key = re.compile(begins + r"""(?P<quote>["']?)(?P<value>[\w.-]+)(?P=quote)""")
    found = list(key.finditer(line))
    if len(found) == 1:
        m = found[0]
        begin = m.start("value") + 1
        return Fix(f"Set `{name}` to `{value}`", (Edit(Location(at.row, begin, at.row, m.end("value") + 1), value),))
    if found or "{" in line or name in line:
        return None
    indent = line[: len(line) - len(line.lstrip(" -"))].replace("-", " ")
    end = len(line) + 1
    content = f"\n{indent}{name}: {value}"
    return Fix(f"Add `{name}: {value}`", (Edit(Location(at.row, end, at.row, end), content),))
