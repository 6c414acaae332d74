"""What a value was computed by, as a graph that can be run on small arrays: built, executed, questioned, repaired.

Only `ops`, `execute`, `gradient`, `ask` and `repair` import NumPy; nobody does who merely builds a graph.
"""
