"""What a run is told: from ``[tool.vaelint]`` of a pyproject.toml or from a ``vaelint.toml``, then the command line."""

from __future__ import annotations

from vaelint.config import schema
from vaelint.config.keys import KEYS, did_you_mean, selectors
from vaelint.config.read import find, inline, load
from vaelint.config.settings import Configured, Settings
from vaelint.config.values import Config, ConfigError, Pattern

__all__ = [
    "KEYS",
    "Config",
    "ConfigError",
    "Configured",
    "Pattern",
    "Settings",
    "did_you_mean",
    "find",
    "inline",
    "load",
    "schema",
    "selectors",
]
