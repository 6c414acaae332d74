"""For programs: one finding a line, with the keys of the JSON."""

from __future__ import annotations

import json

from vaelint.finding import Result
from vaelint.report._view import View, without_surrogates
from vaelint.report.json import as_json


def render(result: Result, view: View) -> str:
    return "".join(without_surrogates(json.dumps(as_json(f, view), ensure_ascii=False)) + "\n" for f in result.findings)
