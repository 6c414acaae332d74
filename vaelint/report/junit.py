"""JUnit's XML, which most CI servers show: one suite a file, one failure a finding."""

from __future__ import annotations

from itertools import groupby
from pathlib import PurePath
from xml.sax.saxutils import escape, quoteattr

from vaelint.finding import Finding, Result
from vaelint.report._view import View, clean
from vaelint.report._words import marks


def render(result: Result, view: View) -> str:
    n = len(result.findings)
    out = ['<?xml version="1.0" encoding="UTF-8"?>']
    if not n:  # a suite without a test looks like one that did not run
        out.append('<testsuites name="vaelint" tests="1" failures="0" errors="0">')
        out.append('    <testsuite name="vaelint" tests="1" errors="0" failures="0" package="org.vaelint">')
        out.append('        <testcase name="No findings" classname="vaelint" time="0"/>')
        out.append("    </testsuite>")
    else:
        out.append(f'<testsuites name="vaelint" tests="{n}" failures="{n}" errors="0">')
    for name, those in groupby(result.findings, key=lambda f: f.filename):
        findings = [*those]
        path, k = view.path(name), len(findings)
        out.append(
            f'    <testsuite name={_attribute(path)} tests="{k}" errors="0" failures="{k}" package="org.vaelint">'
        )
        for f in findings:
            out += _case(f, result, view)
        out.append("    </testsuite>")
    return "\n".join([*out, "</testsuites>"]) + "\n"


def _case(f: Finding, result: Result, view: View) -> list[str]:
    path = PurePath(view.path(f.filename))
    text = f"{view.place(f.filename, f.location)}: {f.code} {clean(f.message)}{marks(f, result)}"
    text += f"\nhelp: {clean(f.help)}" if f.help else ""
    line = view.physical(f.filename, f.location) or 1
    return [
        f"        <testcase name={_attribute(f'org.vaelint.{f.code}')} "
        f"classname={_attribute(str(path.with_suffix('')))} "
        f'line="{line}" column="{f.location.column}" time="0">',
        f"            <failure message={_attribute(clean(f.message))}>{escape(text)}</failure>",
        "        </testcase>",
    ]


def _attribute(text: str) -> str:
    return quoteattr(text, {"\n": "&#10;"})
