"""What the properties of a law mean, on the project's own executor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vaelint.graph.language import written
from vaelint.graph.node import Graph, Kind
from vaelint.graph.ops import Array
from vaelint.laws.forms import has_matrices, samples, summed
from vaelint.laws.rows import Law, Role

N = 120
At = Mapping[str, Array]


class Text:
    """One text of a law, as a function of its roles."""

    def __init__(self, text: str, roles: Sequence[Role]) -> None:
        graph = Graph()
        given = {r.name: graph.leaf(Kind.PARAMETER, r.name, r.name) for r in roles}
        self.root = written(graph, text, given, flat=has_matrices(roles))

    def __call__(self, at: At) -> Array:
        n = next(iter(at.values())).shape[0]
        made = summed(self.root, dict(at.items()), n)
        return made if made is not None else np.full(n, np.nan)


def keeps(prop: str, text: str, law: Law) -> bool:
    """Whether a text has a property wherever it has a value; it must have one at most samples."""
    f, roles = Text(text, law.roles), law.roles
    name, _, args = prop.partition("(")
    args = args[:-1] if args.endswith(")") else args
    at = samples(roles, N)
    here = f(at)
    match name:
        case "increasing" | "decreasing" | "nondecreasing" | "nonincreasing":
            rng = np.random.default_rng(3)
            size = 1e-3 if name in ("increasing", "decreasing") else 0.2  # where it may stand still, it moves in steps
            up = {**at, args: at[args] + size * rng.uniform(0.2, 1, at[args].shape)}
            step = (f(up) - here) * (1 if name in ("increasing", "nondecreasing") else -1)
            step = step[np.isfinite(step)]
            least = 0.9 if name in ("increasing", "decreasing") else 0.0
            return bool(step.size and step.min() >= -1e-9 and (step > 1e-10).mean() > least)
        case "nonnegative":
            return bool(np.nanmin(here) >= -1e-9)
        case "nonpositive":
            return bool(np.nanmax(here) <= 1e-9)
        case "zero_at":
            return bool(np.nanmax(np.abs(f(moved(args, at, roles)))) <= 1e-6)
        case "least_at" | "greatest_at":
            gap = (f(moved(args, at, roles)) - here) * (1 if name == "least_at" else -1)
            return bool(np.nanmax(gap) <= 1e-9)
        case "bounded_below" | "bounded_above":
            sign = 1 if name == "bounded_below" else -1
            rng = np.random.default_rng(3)
            way = rng.normal(size=at[args].shape) if at[args].size > N else np.ones_like(at[args])
            near = np.minimum(*(sign * f({**at, args: way * t}) for t in (-10.0, 10.0)))
            far = np.minimum(*(sign * f({**at, args: way * t}) for t in (-1e3, 1e3)))
            return bool(np.nanmin(far - near) >= -1)
        case "normalised":
            return is_normalised(f, args, at, roles)
        case "equal" | "negates":
            other = Text(args, roles)(at) * (1 if name == "equal" else -1)
            return bool(np.nanmax(np.abs(here - other) / (1 + np.abs(here))) < 1e-6)
    raise AssertionError(f"no property {prop}")


def moved(args: str, at: At, roles: Sequence[Role]) -> dict[str, Array]:
    """The samples with roles at the places that ``a=b, c=d`` gives, one after the other."""
    out = dict(at)
    for pair in args.split(","):
        role, _, place = pair.partition("=")
        graph = Graph()
        root = written(graph, place, {r.name: graph.leaf(Kind.PARAMETER, r.name, r.name) for r in roles})
        from vaelint.graph.execute import run

        value = run([root], dict(out.items())).of(root)
        out[role.strip()] = np.broadcast_to(value, np.broadcast_shapes(value.shape, at[role.strip()].shape)).copy()
    return out


def is_normalised(f: Text, role: str, at: At, roles: Sequence[Role]) -> bool:
    """Whether the exponential integrates over the role to one number, whatever the others are."""
    domain = next(r.domain for r in roles if r.name == role)
    low, high = {"real": (-80.0, 80.0), "positive": (1e-6, 120.0)}.get(domain, (1e-6, 1 - 1e-6))
    points = np.linspace(low, high, 8001)
    masses = []
    for i in range(10):
        one = {k: np.repeat(x[i : i + 1], len(points), axis=0) for k, x in at.items()}
        one[role] = points.reshape(-1, *[1] * (at[role].ndim - 1)) * np.ones_like(one[role])
        y = np.nan_to_num(np.exp(f(one)))
        masses.append(float(((y[1:] + y[:-1]) / 2 * np.diff(points)).sum()))
    return bool(np.ptp(masses) < 0.02 * abs(np.mean(masses)))
