"""Tables of settings as they are typed: read, written, pasted, summed up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.errors import InputError
from explorer.core.fields import Field, check_value
from explorer.core.socket_spec import Choice
from explorer.programs import registry
from explorer.ui.choice_draft import ChoiceDraft, TypedRow
from explorer.ui.typed_rows import (
    applying,
    cell_path,
    empty_row,
    from_text,
    parse_path,
    parse_rows,
    summary,
    to_text,
    write_rows,
    wrong_cells,
)

TABLE = Field(
    "rules", "rows", (), "Rules", "What is answered.", maximum=5,
    columns=(
        Field("match", "choice", "exact", "Match", "", choices=("exact", "hex"), labels=("is", "is (hex)")),
        Field("pattern", "text", None, "Pattern", "", minimum=1),
        Field("delay", "int", 0, "Delay", "", minimum=0, maximum=1000, unit="ms"),
        Field("close", "bool", False, "Close", ""),
        Field("code", "secret", "", "Code", ""),
        Field("reason", "text", "", "Reason", "", needs="close"),
    ),
)  # fmt: skip


def row(**cells: str | bool) -> TypedRow:
    return {**empty_row(TABLE), **cells}


def test_cells_are_checked_each_for_itself() -> None:
    typed = (row(pattern="a"), row(delay="soon"), row(pattern="b", delay="2000"))
    assert wrong_cells(TABLE, typed) == {
        "rules[1].pattern": "Pattern must be at least 1 characters; 0 is not.",
        "rules[1].delay": "Delay must be a whole number; 'soon' is not.",
        "rules[2].delay": "Delay must be from 0 to 1,000 ms; 2,000 is not.",
    }
    with pytest.raises(InputError) as caught:
        parse_rows(TABLE, typed)
    assert caught.value.path == "rules[1].pattern"
    assert not wrong_cells(TABLE, (row(pattern="a", delay="1 000", close=True, reason="x"),))


def test_a_column_counts_while_what_it_needs_does() -> None:
    names = [column.name for column in applying(TABLE, row(pattern="a"))]
    assert "reason" not in names
    assert "reason" in [column.name for column in applying(TABLE, row(pattern="a", close=True))]
    assert parse_rows(TABLE, (row(pattern="a", reason="left over"),))[0]["reason"] == ""


def test_the_number_of_rows_is_checked() -> None:
    with pytest.raises(InputError, match="at most 5 rows"):
        parse_rows(TABLE, (row(pattern="a"),) * 6)


def test_paths_of_cells() -> None:
    assert parse_path(cell_path("rules", 2, "pattern")) == ("rules", 2, "pattern")
    assert parse_path("rules[7]") == ("rules", 7, "")
    assert parse_path("rules") is None


CELLS: dict[str, Any] = {
    "match": st.sampled_from(["exact", "hex"]),
    "pattern": st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1),
    "delay": st.integers(0, 1000),
    "close": st.booleans(),
    "code": st.just(""),
    "reason": st.just(""),
}


@given(st.lists(st.fixed_dictionaries(CELLS), max_size=5))
def test_written_and_read_and_copied_and_pasted_they_are_the_same(rows: list[dict[str, Any]]) -> None:
    value = check_value(TABLE, rows, "rules")
    typed = write_rows(TABLE, value)
    assert parse_rows(TABLE, typed) == value
    assert parse_rows(TABLE, from_text(TABLE, to_text(TABLE, typed))) == value


def test_pasting_takes_labels_and_leaves_out_what_is_too_much() -> None:
    pasted = from_text(TABLE, "is (hex)\t0d\t\tyes\r\n\n exact \tb\t5\tNo\t\t\tmore\nneither\tx")
    assert [one["match"] for one in pasted] == ["hex", "exact", "neither"]
    assert [one["close"] for one in pasted] == [True, False, False]
    assert list(wrong_cells(TABLE, pasted)) == ["rules[0].delay", "rules[2].match"]


def test_secrets_are_neither_summed_up_nor_copied() -> None:
    typed = (row(pattern="ping", code="s3cret"), row(pattern="pong", close=True))
    assert "s3cret" not in summary(TABLE, typed) + to_text(TABLE, typed)
    assert summary(TABLE, typed) == "2 rows: ping; pong close"
    assert summary(TABLE, ()) == "none yet"
    assert len(summary(TABLE, (row(pattern="x" * 500),))) < 80


def test_a_draft_keeps_a_wrong_cell_and_gives_back_what_it_took() -> None:
    given_ = Choice("login", {"users": [{"user": "ada", "password": "x"}]})  # type: ignore[dict-item]  # as in a file
    draft = ChoiceDraft(registry, given_)
    assert draft.check().choice is given_
    field = draft.description.fields[0]
    draft.put("users", (*draft.rows(field), {**empty_row(field), "user": "y" * 300}))
    checked = draft.check()
    assert checked.choice is None
    assert list(checked.problems) == ["users[1].user"]
    draft.kind = "echo"
    draft.kind = "login"
    assert len(draft.rows(field)) == 2
    draft.revert("users")
    assert draft.check().choice is given_


def test_errors_of_a_kind_keep_the_path_of_their_cell() -> None:
    users = tuple({"user": "ada", "password": "x"} for _ in range(2))
    checked = ChoiceDraft(registry, Choice("login", {"users": users})).check()
    assert [path.partition("[")[0] for path in checked.problems] == ["users"]
    assert parse_path(next(iter(checked.problems))) is not None
