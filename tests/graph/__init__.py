"""Graphs: built, run, questioned, repaired."""
