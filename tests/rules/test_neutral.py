"""What is said to have no direction has none: a result that does not move, a draw, a network, a product of two."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.rules.proofs import HIGH, LOW, SHOWN, attempts, entries, flat, module, np, resolve, short
from tests.rules.test_atoms import ARRAYS
from vaelint.knowledge import Entry
from vaelint.sense import Pass, Sense

Array = Callable[[Any], Any]
SMALL = 1e-6
WAVES = np.linspace(-2.6, 2.6, 27)  # far enough to turn: what falls and rises is no function that keeps a sense


def ways(array: Array) -> list[Callable[[Any, Any], Any]]:
    """Ways to call a function that may take an array, a shape, a number or nothing."""
    return [
        *attempts(array),
        lambda f, x: f((2, 3)),
        lambda f, x: f(3),
        lambda f, x: f(2, 3),
        lambda f, x: f((2, 3), 0.5),
        lambda f, x: f(0.0, 1.0, 5),
        lambda f, x: f(0, 6, 2),
        lambda f, x: f((2, 1), (1, 3)),
        lambda f, x: f("cpu"),
        lambda f, x: f(array([1, 0, 2, 1])),
        lambda f, x: f(array([[True, False]]), array([[True, True]])),
        lambda f, x: f(x.dtype),
        lambda f, x: f(x, array([0.2, 0.5, 0.8])),
        lambda f, x: f(array([0.2, 0.5, 0.8]), x),
        lambda f, x: f(x, 3, 0.0, 2.0),
        lambda f, x: f(4, x[0]),
        lambda f, x: f(),
    ]


def tried(how: Callable[[Any, Any], Any], f: Any, x: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return how(f, x)


def alike(a: Any, b: Any) -> bool:
    try:
        a, b = flat(a), flat(b)
    except (TypeError, ValueError, RuntimeError):
        return repr(a) == repr(b)
    return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=True))


def is_still(f: Any, array: Array) -> bool | None:
    """Whether its result stays when what goes in moves a little; None if no way was found to call it."""
    for how in ways(array):
        try:
            here, aside = (tried(how, f, array(x)) for x in (LOW, LOW + SMALL))
        except Exception:  # a wrong guess at the arguments: libraries raise all sorts
            continue
        return alike(here, aside)
    return None


def told(verdicts: dict[str, bool | None]) -> None:
    """Those that are as they are said to be are noted; the others are named."""
    SHOWN.update(name for name, verdict in verdicts.items() if verdict)
    assert not [name for name, verdict in verdicts.items() if verdict is False]


def plain(library: str, sense: Sense) -> Iterator[Entry]:
    return (e for e in entries(library, sense=sense, makes="", kind="") if not e.field)


# Where a grid lies, or where the bins of a histogram end, is no sense, though it moves; so does a clock, and
# memory that is empty holds anything.
MOVES = (
    "time",
    "perf_counter",
    "monotonic",
    "process_time",
    "time_ns",
    "linspace",
    "logspace",
    "geomspace",
    "histogram",
    "empty",
    "empty_like",
    "meshgrid",
)


@pytest.mark.parametrize("library", ["torch", "numpy", "jax", "tensorflow", "python"])
def test_what_has_no_direction_does_not_move(library: str) -> None:
    array = ARRAYS[library]()
    still = [e for e in plain(library, Sense.NONE) if not e.passes and short(e) not in MOVES]
    told({e.name: is_still(resolve(e.name), array) for e in still})


def test_clocks_run_on_whatever_is_computed() -> None:
    clocks = [resolve(e.name) for e in entries("python", sense=Sense.NONE) if e.name.startswith("time.")]
    assert all(f() <= f() for f in clocks)
    SHOWN.update(e.name for e in entries("python", sense=Sense.NONE) if e.name.startswith("time."))


def test_what_moves_is_not_still() -> None:
    assert is_still(np.sum, np.asarray) is False
    assert is_still(np.argmax, np.asarray) is True


# --- what keeps no sense ---


def loses(e: Entry) -> bool:
    """Whether nothing is said of the way that its result goes."""
    passed = set(e.passes.values())
    return passed == {Pass.LOSE} if e.passes else e.sense is Sense.UNKNOWN and not (e.kind or e.makes)


def turns(f: Any, array: Array) -> bool | None:
    """Whether its result rises in some places and falls in others."""
    for how in attempts(array):
        for base in (LOW, np.eye(2) + 0.5, LOW.ravel()):
            try:
                at = [flat(tried(how, f, array(base + step * (base > base.min())))) for step in WAVES]
                steps = np.diff(np.asarray(at), axis=0)
            except Exception:  # a wrong guess at the arguments: libraries raise all sorts
                continue
            if bool((steps > SMALL).any() and (steps < -SMALL).any()):
                return True
    return None


@pytest.mark.parametrize("library", ARRAYS)
def test_what_loses_the_sense_rises_and_falls(library: str) -> None:
    array = ARRAYS[library]()
    losing = [e for e in entries(library) if loses(e)]
    told({e.name: turns(resolve(e.name), array) for e in losing})


def test_what_rises_does_not_turn() -> None:
    assert turns(np.exp, np.asarray) is None


def multiplies(f: Any, array: Array) -> bool | None:
    """Whether a factor below zero turns it round: it goes with one of the two by the sign of the other."""
    square, row = np.array([[1.3, 0.2], [0.4, 1.7]]), np.array([0.6, 1.1])
    shapes: list[Callable[[Any, Any], Any]] = [
        lambda a, b: f(array(a), array(b)),
        lambda a, b: f(array(a[None]), array(b[None])),
        lambda a, b: f("ij,jk->ik", array(a), array(b)),
        lambda a, b: f(array(a), array(row * b[0, 0])),
        lambda a, b: f(array(row * a[0, 0]), array(row * b[0, 0])),
        lambda a, b: f(array(a), array(b), upper=False),
        lambda a, b: f(array(a[None]), array(b[None, None])),
        lambda a, b: f(array(a[None, None]), array(b[None, None])),
        lambda a, b: f(array(a[None, None, None]), array(b[None, None, None])),
        lambda a, b: f(array(a * 0), array(a), array(b)),
        lambda a, b: f(array(a[None] * 0), array(a[None]), array(b[None])),
        lambda a, b: f(array([1.0, 2.0, 3.0] * a[0, 0]), array([2.0, 0.5, 1.0] * b[0, 0])),
        lambda a, b: f([array(a), array(b)]),
        lambda a, b: f(array(row * 0), array(a), array(row * b[0, 0])),
        lambda a, b: f(array([0, 1]), array(b)) * float(a[0, 0]),
        lambda a, b: f(array(a), array(b), array(b[None])),
    ]
    for how in shapes:
        try:
            there, back = flat(how(square, square)), flat(how(square, -square))
        except Exception:  # a wrong guess at the arguments: libraries raise all sorts
            continue
        if there.shape == back.shape and bool(np.allclose(there, -back)) and bool(np.abs(there).max() > SMALL):
            return True
    return None


@pytest.mark.parametrize("library", ["torch", "numpy", "jax", "tensorflow"])
def test_products_go_by_the_sign_of_the_other_factor(library: str) -> None:
    array = ARRAYS[library]()
    losing = [e for e in entries(library) if loses(e)]
    told({e.name: multiplies(resolve(e.name), array) for e in losing})


# --- draws, networks, activations ---

SHAPES: dict[str, tuple[Any, ...]] = {}
if (_params := module("scipy.stats._distr_params")) is not None:
    SHAPES = {name: shapes for name, shapes in [*_params.distcont, *_params.distdiscrete] if isinstance(name, str)}

_KEYED = ("jax",)  # its draws are by a key


@pytest.mark.parametrize("library", ["torch", "numpy", "jax", "tensorflow", "scipy"])
def test_draws_differ(library: str) -> None:
    verdicts: dict[str, bool | None] = {}
    array = ARRAYS[library]()
    for entry in entries(library, makes="random"):
        of = entry.name.split(".")[-2]
        f = resolve(entry.name)
        shapes = SHAPES.get(of) if library == "scipy" else ()
        verdicts[entry.name] = (
            differs(f, array, library)
            if shapes == ()
            else (shapes and not alike(*(f(*shapes, size=200) for _ in "ab"))) or None
        )
    told(verdicts)


def differs(f: Any, array: Array, library: str) -> bool | None:
    chances = np.array([[0.2, 0.3, 0.5]] * 200)
    given: list[tuple[Any, ...]] = [
        ((200,),), (200,), ((200,), 0, 10),
        (0, 10, (200,)), (0.5, 1.0, (200,)), (array(chances),), (array(chances), 2), (array(chances * 9),),
        (0.5, (200,)), (5, 0.5, (200,)), (2.0, 1.0, (200,)), ([0.2, 0.8], 200), (range(200),), ((200,), 1.0),
        ((200,), 0.0, 1.0), (array(chances), array(chances)), (0, 10, 200), ([0.0, 1.0], np.eye(2), 200), (),
        (array(np.log(chances)), 5), (10, (200,)), (2.0, (200,)),
    ]  # fmt: skip
    tried_any = False
    for args in given:
        try:
            if library in _KEYED:
                jax: Any = pytest.importorskip("jax")
                one, other = (f(jax.random.key(i), *args) if args else f(i) for i in (0, 1))
            else:
                one, other = f(*args), f(*args)
        except Exception:  # a wrong guess at the arguments: libraries raise all sorts
            continue
        tried_any = True
        if not alike(one, other):
            return True
    return False if tried_any else None


BASES = {
    "torch": (
        "torch.nn.Module", "torch.amp.GradScaler", "torch.utils.data.DataLoader", "torch.utils.data.Dataset",
        "torch.utils.data.Sampler",
    ), "flax": ("flax.linen.Module", "flax.nnx.Module"),
    "haiku": ("haiku.Module",), "equinox": ("equinox.Module",), "keras": ("keras.layers.Layer", "keras.Model"),
}  # fmt: skip


@pytest.mark.parametrize("library", BASES)
def test_networks_are_networks(library: str) -> None:
    bases = tuple(b for b in map(resolve, BASES[library]) if b is not None)
    made = {e.name: resolve(e.name) for e in entries(library, makes="module")}
    told({name: issubclass(f, bases) or None for name, f in made.items() if isinstance(f, type)})


@pytest.mark.parametrize("library", ["torch"])
def test_activations_do_what_their_functions_do(library: str) -> None:
    array, wave = ARRAYS[library](), np.linspace(-3, 3, 24).reshape(2, 3, 4)
    verdicts: dict[str, bool | None] = {}
    for entry in entries(library, makes="function"):
        f, wanted = resolve(entry.name), resolve(entry.calls)
        for given, options in (((), ()), ((-1,), (-1,)), ((2,), (2,)), ((), (1,))):
            try:
                verdicts[entry.name] = alike(f(*given)(array(wave)), wanted(array(wave), *options))
                break
            except Exception:  # it may want an argument
                continue
    told(verdicts)
    assert len(verdicts) >= 20


def test_an_activation_is_not_that_of_another_name() -> None:
    torch: Any = pytest.importorskip("torch")
    x = torch.linspace(-3, 3, 12)
    assert not alike(torch.nn.Softplus()(x), torch.nn.functional.relu(x))


def test_parameters_are_what_an_optimiser_moves() -> None:
    torch: Any = pytest.importorskip("torch")
    names = [e.name for e in plain("torch", Sense.UNKNOWN) if short(e) == "Parameter"]
    told({name: resolve(name)(torch.zeros(2)).requires_grad or None for name in names})


def test_options_are_what_somebody_types() -> None:
    made = resolve("argparse.ArgumentParser")()
    made.add_argument("--x", type=float)
    for typed in (2.0, -3.0):
        assert made.parse_args([f"--x={typed}"]).x == typed
        assert made.parse_known_args([f"--x={typed}", "--more"])[0].x == typed
    SHOWN.update(e.name for e in entries("python") if e.name.startswith("argparse."))


def test_variables_are_what_an_optimiser_moves() -> None:
    tf: Any = pytest.importorskip("tensorflow")
    told({"tensorflow.Variable": tf.Variable(0.0).trainable or None})


@pytest.mark.parametrize("library", ["torch", "jax", "tensorflow", "flax"])
def test_log_probabilities_are_of_probabilities(library: str) -> None:
    array = ARRAYS[library]()
    verdicts: dict[str, bool | None] = {}
    for entry in entries(library, sense=Sense.NONE, kind="log_probability"):
        f = resolve(entry.name)
        f = f() if entry.makes == "loss" else f
        for options in ({}, {"dim": -1}):
            try:
                verdicts[entry.name] = bool((np.exp(flat(f(array(HIGH - 0.6), **options))) <= 1).all())
                break
            except Exception:  # it may want an axis
                continue
    told(verdicts)


@pytest.mark.parametrize("library", ["torch", "jax", "tensorflow", "flax", "equinox"])
def test_what_hands_back_a_function_leaves_its_values(library: str) -> None:
    array = ARRAYS.get(library, ARRAYS["jax"])()
    verdicts: dict[str, bool | None] = {}

    def doubled(x: Any) -> Any:
        return x * 2

    for entry in entries(library, makes="same"):
        f = resolve(entry.name)
        for how, at in (
            (lambda f: f(doubled)(array(HIGH)), HIGH * 2), (lambda f: f(doubled, array(LOW))(array(HIGH)), HIGH * 2),
            (lambda f: f()(doubled)(array(HIGH)), HIGH * 2), (lambda f: f(array(HIGH)), HIGH),
            (lambda f: f(torch_identity())(array(HIGH)), HIGH),
        ):  # fmt: skip
            try:
                verdicts[entry.name] = bool(np.allclose(flat(how(f)), flat(at), 1e-5))
                break
            except Exception:  # it may want an example, or be a context
                continue
    told(verdicts)


@pytest.mark.parametrize("library", ["torch", "jax", "tensorflow"])
def test_what_marks_one_class_of_all_puts_a_one_there(library: str) -> None:
    verdicts: dict[str, bool | None] = {}
    for entry in entries(library, makes="one_hot"):
        index = ARRAYS[library]()(np.array([2, 0]))
        index = index.long() if library == "torch" else index.astype(int) if library == "jax" else np.array([2, 0])
        verdicts[entry.name] = bool(np.allclose(flat(resolve(entry.name)(index, 3)), [0, 0, 1, 1, 0, 0]))
    told(verdicts)


@pytest.mark.parametrize("library", ["torch", "jax", "numpy", "tensorflow"])
def test_the_rows_of_an_identity_mark_one_class_each(library: str) -> None:
    told(
        {
            e.name: bool(np.allclose(flat(resolve(e.name)(3)), np.eye(3).ravel()))
            for e in entries(library, makes="identity")
        }
    )


def torch_identity() -> Any:
    return pytest.importorskip("torch").nn.Identity()


def test_what_holds_gradients_back_does() -> None:
    torch: Any = pytest.importorskip("torch")
    verdicts: dict[str, bool | None] = {}
    for entry in entries("torch", makes="no_gradient"):
        x = torch.ones(2, requires_grad=True)
        with resolve(entry.name)():
            verdicts[entry.name] = not (x * 2).requires_grad
    told(verdicts)


def test_schedulers_move_the_rate_and_nothing_else() -> None:
    torch: Any = pytest.importorskip("torch")
    given: list[Callable[[Any, Any], Any]] = [
        lambda f, o: f(o), lambda f, o: f(o, 2), lambda f, o: f(o, lambda n: 0.5), lambda f, o: f(o, [1, 2]),
        lambda f, o: f(o, 0.5), lambda f, o: f(o, 0.1, 1.0), lambda f, o: f(o, 0.1, total_steps=9),
        lambda f, o: f(o, [torch.optim.lr_scheduler.StepLR(o, 1), torch.optim.lr_scheduler.StepLR(o, 2)], [1]),
        lambda f, o: f([torch.optim.lr_scheduler.StepLR(o, 1)]),
    ]  # fmt: skip
    verdicts: dict[str, bool | None] = {}
    for entry in entries("torch", makes="scheduler"):
        x = torch.ones(2, requires_grad=True)
        for how in given:
            optimizer = torch.optim.SGD([x], lr=0.1, momentum=0.9)
            try:
                made = how(resolve(entry.name), optimizer)
                optimizer.step()
                for _ in range(3):
                    made.step(1.0) if "Plateau" in entry.name else made.step()
            except Exception:  # it wants other arguments
                continue
            verdicts[entry.name] = bool((x == 1).all())
            break
    told(verdicts)
