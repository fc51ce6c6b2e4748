"""Who matters: paired effects, corrected for how many are asked about; weak links; meetings."""

import numpy as np
import pytest
from scipy import stats

from ci_sim import load_config, simulate
from ci_sim.cli import main
from ci_sim.rules.streams import replicate_seeds
from ci_sim.studies.statistics.intervals import risk_difference
from ci_sim.whatif.who import KINDS, corrected, who_matters

FEW = ["population=knoke", "quiet=true", "replicates=300", "top=3"]


@pytest.fixture(scope="module")
def found():
    config = load_config("whatif", FEW)
    return config, who_matters(config)


def test_each_of_those_asked_about_is_asked_four_things(found):
    _, result = found
    assert result.effects.groupby("id")["kind"].apply(set).tolist() == [set(KINDS)] * 3
    assert result.complete


def test_an_absence_is_that_of_who_leaves_beforehand(found):
    config, result = found
    row = result.effects[result.effects["kind"] == "absence"].iloc[0]
    seeds = replicate_seeds(config.seed, 300)
    base = simulate(load_config("baseline", ["population=knoke"]), seeds)["formed"].to_numpy(float)
    gone = simulate(load_config("baseline", ["population=knoke", f"happenings=[{{leaves: {row['id']}}}]"]), seeds)[
        "formed"
    ].to_numpy(float)
    assert row["estimate"] == pytest.approx((gone - base).mean())
    plain = risk_difference(gone, base)
    assert row["ci_low"] < plain.ci_low < plain.ci_high < row["ci_high"]


def test_intervals_hold_together_for_all_that_are_asked():
    """Of 40 partners without any effect, in 400 studies about 5 % have one that stands out: no more by 2.3 errors."""
    rng, clear = np.random.default_rng(5), 0
    for _ in range(400):
        for _ in range(40):
            base, other = (rng.random(200) < 0.5).astype(float), (rng.random(200) < 0.5).astype(float)
            interval = corrected(risk_difference(other, base), 40)
            if interval.ci_low > 0 or interval.ci_high < 0:
                clear += 1
                break
    assert clear / 400 < 0.05 + 2.3 * np.sqrt(0.05 * 0.95 / 400)


def test_the_correction_is_bonferronis():
    base = np.repeat([0.0, 1.0], 100)
    one, forty = (corrected(risk_difference(base[::-1], base), n) for n in (1, 40))
    ratio = (forty.ci_high - forty.ci_low) / (one.ci_high - one.ci_low)
    assert ratio == pytest.approx(stats.norm.ppf(1 - 0.025 / 40) / stats.norm.ppf(0.975))


def test_links_count_the_ties_of_the_table(found):
    _, result = found
    links = result.links.set_index(["sector", "other"])
    assert links["possible"].sum() == 45  # of ten organizations
    pairs = {frozenset(pair) for pair in result.partners.given.ties.tolist()}
    assert links["ties"].sum() == len(pairs)


def test_meetings_are_of_partners_of_different_sectors_without_a_tie(found):
    _, result = found
    names, ties = result.partners.names, {frozenset(pair) for pair in result.partners.given.ties.tolist()}
    for row in result.meetings.itertuples():
        i, j = names.index(row.name), names.index(row.other)
        assert frozenset((i, j)) not in ties
        assert result.partners.given.sector[i] != result.partners.given.sector[j]


@pytest.mark.parametrize("locale", ["en", "he"])
def test_the_page_is_written(tmp_path, capsys, locale):
    with pytest.raises(SystemExit) as end:
        main(["whatif", "who", *FEW[:2], "top=1", f"locale={locale}", f"output_dir={tmp_path}"])
    assert end.value.code == 0
    page = (tmp_path / "who.html").read_text(encoding="utf-8")
    assert "built-in" not in page
    assert (tmp_path / "tables.xlsx").is_file()
