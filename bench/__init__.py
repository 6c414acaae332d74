"""Instruments that measure vaelint: labelled cases, real code, seeded errors, other linters. Not part of the wheel."""
