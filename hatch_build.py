"""What a wheel has that lies nowhere in the sources: the rules as one file (`vaelint.knowledge.compiled`)."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):
    _folder: TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "standard":  # an editable install reads the rules of the checkout
            return
        sys.path.insert(0, self.root)
        from vaelint.knowledge import compiled

        self._folder = TemporaryDirectory()
        made = Path(self._folder.name) / compiled.NAME
        made.write_bytes(compiled.for_a_wheel(Path(self.root) / "rules"))
        build_data["force_include"][str(made)] = f"vaelint/rules/{compiled.NAME}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self._folder is not None:
            self._folder.cleanup()
