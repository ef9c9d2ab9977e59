"""``--rows``: the rows of a table as params of films, and the files that they become."""

from __future__ import annotations

from pathlib import Path

import pytest

from gala.cli.rendering.options import with_params
from gala.cli.rendering.rows import read_rows, targets
from gala.cli.rendering.templates import ChosenTemplate
from gala.errors import InvalidRequest


def table(folder: Path, text: str) -> Path:
    (folder / "t.csv").write_text(text, encoding="utf-8")
    return folder / "t.csv"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_cells_are_assignments_and_empty_ones_are_left_out(tmp_path: Path, separator: str) -> None:
    text = '\ufeffname,price\r\nTea,\r\n\r\n"A, b; c",5 €\r\n'.replace(",", separator)
    first, second = read_rows(table(tmp_path, text))
    assert first.assignments == ["name=Tea"]
    assert second.assignments[1] == "price=5 €"
    assert (first.number, second.number) == (1, 2)


def test_columns_name_entries_of_lists_and_their_numbers(tmp_path: Path) -> None:
    text = "values.0.label,values.0.value,values.1.label,values.1.value\nA,1.5,B,2\n"
    (row,) = read_rows(table(tmp_path, text))
    given = with_params({}, row.assignments, option="--set")
    assert ChosenTemplate.of("data-story").with_numbers(given) == {
        "values": [{"label": "A", "value": 1.5}, {"label": "B", "value": 2}]
    }


def test_files_are_named_by_columns_in_braces(tmp_path: Path) -> None:
    rows = read_rows(table(tmp_path, "name\nTea/Té: ../x\nCup\n"))
    named = targets(rows, Path("out/{name}-{row}.gif"), "card")
    assert named == [Path("out/Tea-Té- ..-x-1.gif"), Path("out/Cup-2.gif")]
    assert targets(rows, None, "card") == [Path("card-1.mp4"), Path("card-2.mp4")]


@pytest.mark.parametrize(
    ("text", "out", "words"),
    [
        ("name\n", None, "has no rows below its header"),
        ("a,a\n1,2\n", None, "each column needs a name of its own"),
        ("a,b\n1,2,3\n", None, "row 1 has 3 cells"),
        ("name\nA\nB\n", "x.mp4", "rows 1 and 2 would both be x.mp4"),
        ("name\nA\n", "{nam}.mp4", "row 1: -o: there is no column 'nam'"),
        ("name,b\n??,1\n", "{name}.mp4", "the column 'name' is empty"),
    ],
)
def test_what_is_wrong_with_a_table_names_its_row(
    tmp_path: Path, text: str, out: str | None, words: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        targets(read_rows(table(tmp_path, text)), None if out is None else Path(out), "card")
    assert words in refused.value.message
