"""What `whatif check` says, the workbook to fill in, and warnings about what was not studied."""

import numpy as np
import openpyxl
import pytest

from ci_sim import load_config
from ci_sim.cli import main
from ci_sim.simulation.ensemble import job_from
from ci_sim.whatif.check import checked, out_of_hearing

ABC = "name,sector,position_1,position_2,position_3\n"


def run(*line: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["whatif", *line])
    return end.value.code


@pytest.mark.parametrize("locale", ["en", "he"])
def test_the_workbook_to_fill_in_is_read_back_as_it_stands(tmp_path, capsys, locale):
    assert run(f"template={tmp_path}", f"locale={locale}") == 0
    book = openpyxl.load_workbook(tmp_path / "partners.xlsx")
    assert len(book.sheetnames) == 3
    assert all(sheet.sheet_view.rightToLeft == (locale == "he") for sheet in book)
    assert sum(len(sheet.data_validations.dataValidation) for sheet in book) == 3
    partners = job_from(load_config("whatif", [f"organizations='{tmp_path}/partners.xlsx'"])).partners
    assert partners.given.sector.tolist() == [0, 1, 2]
    assert partners.given.capacity.tolist() == [10, 6, 4]
    assert partners.given.position[:, 0].tolist() == [0.25, 0.5, 0.75]
    assert partners.given.ties.tolist() == [[0, 1], [2, 0]]
    np.testing.assert_allclose(partners.given.tie_trust, [2 / 3, 1 / 3])
    assert [reading for reading in partners.readings if reading.assumed] == []


def test_check_lists_every_reading_guesses_apart(tmp_path, capsys):
    (tmp_path / "o.csv").write_text("Label,Type\nA,Ministry of Health\nB,עסקים\nC,NGO\n", encoding="utf-8")
    (tmp_path / "t.csv").write_text("From,To,Trust\nA,B,3\nB,C,4\n", encoding="utf-8")
    assert run("check", f"organizations={tmp_path}/o.csv", f"ties={tmp_path}/t.csv") == 0
    said = capsys.readouterr().out
    read, _, guessed = said.partition("Guessed, please look")
    assert "“Label” is taken for name" in read
    assert "“עסקים” is taken for business" in read
    assert "“Ministry of Health” is taken for government" in guessed
    assert "on a scale from 1 to 4" in guessed
    assert "3 organizations (1 of government, 1 of business, 1 of civil society), 2 ties" in said


def test_check_writes_nothing_and_a_refusal_neither(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "o.csv").write_text("name,sector\nA,goverment\nB,bussiness\n", encoding="utf-8")
    assert run("organizations=o.csv", "output_dir=out") == 2
    error = capsys.readouterr().err
    assert "2 things cannot be read" in error
    assert "did you mean government?" in error
    assert "Traceback" not in error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.csv"]


def warned(tmp_path, rows: str) -> list[str]:
    (tmp_path / "o.csv").write_text(ABC + rows, encoding="utf-8")
    return [warning.key for warning in checked(load_config("whatif", [f"organizations='{tmp_path}/o.csv'"])).warnings]


def test_stances_in_the_corners_are_warned_of(tmp_path):
    sectors = ("government", "business", "NGO")
    rng = np.random.default_rng(1)
    corners = "".join(
        f"O{k},{sectors[k % 3]},{','.join(str(v) for v in rng.choice([-1, 0, 1], 3))}\n" for k in range(30)
    )
    assert "positions" in warned(tmp_path, corners)
    near = "".join(
        f"O{k},{sectors[k % 3]},{','.join(f'{v:.2f}' for v in rng.uniform(0.4, 0.6, 3))}\n" for k in range(30)
    )
    assert warned(tmp_path, near) == []


def test_who_stands_too_far_apart_is_counted_at_full_trust():
    config = load_config("baseline", ["deliberation.bound=0.25"])
    position = np.array([[0.0, 0.0], [0.5, 0.0], [0.51, 0.0], [1.0, 0.0]])
    far = [(0, 2), (0, 3)]  # 0.51 and 1; the other pairs lie within 0.5
    assert out_of_hearing(position, config) == pytest.approx(len(far) / 6)


def test_few_partners_and_one_sector_are_warned_of(tmp_path):
    assert "few" in warned(tmp_path, "A,government,0.5,0.5,0.5\nB,business,0.5,0.5,0.5\nC,NGO,0.5,0.5,0.5\n")
    rows = "".join(f"O{k},NGO,0.5,0.5,0.5\n" for k in range(20)) + "A,government,0.5,0.5,0.5\nB,business,0.5,0.5,0.5\n"
    assert "one_sector" in warned(tmp_path, rows)
