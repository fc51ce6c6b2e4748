"""Large populations: everything is still written, but no graph that no program could open, and not every week."""

import pandas as pd

from ci_sim import InitiativeModel, load_config
from ci_sim.rules.state import allocate
from ci_sim.studies.execution.output import now
from ci_sim.studies.questions import single


def test_above_the_limits_the_tables_are_written_without_a_graph_and_without_every_week(tmp_path, monkeypatch):
    monkeypatch.setattr(single, "GRAPH_LIMIT", 20)
    monkeypatch.setattr(single, "KEPT_ROWS", 20)
    config = load_config("run", ["population.size=21", "weeks=5", "quiet=true", f"output_dir='{tmp_path}'"])
    single.write_run(config, single.run(config), now(), lambda *figures: None)
    assert {path.name for path in tmp_path.iterdir()} == {
        "config.yaml", "manifest.json", "organizations.csv", "outcomes.parquet", "ties.csv", "weekly.csv",
    }  # fmt: skip


def test_the_table_of_ties_says_what_the_model_believes():
    model = InitiativeModel(load_config("baseline", ["population.size=40"]), seed=4)
    for _ in range(30):
        model.step()
    table, ids = model.ties_table(), model.job.partners.ids
    assert len(table) == model.state.orgs["degree"].sum() / 2
    assert not table[["source", "target"]].duplicated().any()
    for row in table.sample(30, random_state=1).itertuples():
        i, j = ids.index(row.source), ids.index(row.target)
        assert (row.trust_source, row.trust_target) == (model.trust(i, j), model.trust(j, i))
    assert pd.api.types.is_string_dtype(table["agreement"]) or table["agreement"].dtype == object


def test_the_state_grows_in_proportion_to_the_organizations():
    small, large = (sum(part.nbytes for part in allocate(n, 16, 156)) for n in (1000, 100_000))
    assert large / small < 101
