"""Calls into libraries: what ``rules/*.toml`` and documentation say of their names."""
