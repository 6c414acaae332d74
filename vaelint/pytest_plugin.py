"""``pytest --vaelint``: each Python file that pytest meets is a test that fails with what vaelint finds in it.

pytest loads this with every run: without the option nothing else of vaelint is.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from vaelint.finding import Result


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("vaelint").addoption("--vaelint", action="store_true", help="Check the signs of loss code as well.")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "vaelint: a file whose loss code vaelint checks")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Checked | None:
    if file_path.suffix != ".py" or not parent.config.getoption("--vaelint"):
        return None
    # Not below its package, which pytest would import before any test in it.
    return Checked.from_parent(parent.session, path=file_path)


class Checked(pytest.File):
    """A Python file, with one test."""

    def collect(self) -> Iterable[Signs]:
        yield Signs.from_parent(self, name="vaelint")


class Wrong(Exception):
    """Something was found; ``text`` shows it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Signs(pytest.Item):
    def __init__(self, **given: object) -> None:
        super().__init__(**given)  # type: ignore[arg-type]
        self.add_marker("vaelint")

    def runtest(self) -> None:
        from vaelint.api import check_paths

        result = check_paths([self.path])
        if result.findings:
            raise Wrong(_shown(result))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        error = excinfo.value
        return error.text if isinstance(error, Wrong) else str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"vaelint: {self.path.name}"


def _shown(result: Result) -> str:
    from click import unstyle

    from vaelint.report import View, load

    return unstyle(load("text").render(result, View(quiet=True)))
