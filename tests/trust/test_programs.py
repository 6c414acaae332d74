"""Whatever the inner language can say is interpreted: nothing is raised. `bench fuzz` tries more of it."""

from __future__ import annotations

from itertools import count

from bench import programs
from vaelint import ir


def test_nodes_are_numbered_each_by_an_id_of_its_own() -> None:
    x = ir.Name(-1, "x")
    made = programs.numbered((ir.ExprStmt(-1, ir.Binary(-1, "+", x, x)),), count(7))
    (stmt,) = made
    assert isinstance(stmt.value, ir.Binary)
    assert [stmt.id, stmt.value.id, stmt.value.left.id, stmt.value.right.id] == [7, 8, 9, 10]


def test_a_program_is_examined_as_a_file_is() -> None:
    loss, adam = ir.Name(-1, "loss"), ir.Attr(-1, ir.Attr(-1, ir.Name(-1, "torch"), "optim"), "Adam")
    value = ir.Unary(-1, "-", ir.Call(-1, ir.Attr(-1, ir.Name(-1, "F"), "mse_loss"), (ir.Arg(-1, ir.Name(-1, "x")),)))
    backward = ir.ExprStmt(-1, ir.Call(-1, ir.Attr(-1, loss, "backward"), ()))
    made = ir.Assign(-1, (ir.Name(-1, "optimizer"),), ir.Call(-1, adam, ()))
    part = programs.interpreted((), (made, ir.Assign(-1, (loss,), value), backward), ())
    assert [f.finding.code for f in part.findings] == ["VL102"]


def test_no_program_raises_anything() -> None:
    assert programs.failure(examples=25, start=1, derandomized=True) == ""
