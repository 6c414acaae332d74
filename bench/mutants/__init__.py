"""Sign errors seeded into real code: what share of them does vaelint find?"""

from bench.mutants.run import run

__all__ = ["run"]
