import pytest
from omegaconf import OmegaConf

from ci_sim import UserError, load_config
from ci_sim.configuration.composition import in_scenario, own_settings, scenario_names, with_values
from ci_sim.rules.parameters import COMPONENTS, SECTORS, STAGES, declared
from ci_sim.rules.record import rules_from, strengthened

READY = {
    "baseline",
    "preliminary_stages",
    "intra_sector",
    "sixth_component",
    "four_insights",
    "civil_society_only",
    "business_coalition",
    "late_measurement",
    "direct_launch",
    *(f"stage_{stage}" for stage in STAGES),
    *(f"without_{component}" for component in COMPONENTS),
}


def active(config, group: str, names: tuple[str, ...]) -> set[str]:
    return {name for name in names if config[group][name].active}


def test_the_ready_scenarios_are_there_each_with_a_line_of_explanation():
    assert set(scenario_names()) >= READY
    for name in scenario_names():
        config = load_config(name)
        assert config.scenario.name == name
        assert len(config.scenario.description) > 20


def test_scenarios_switch_what_their_names_say():
    five = set(COMPONENTS) - {"trust_and_agreements"}
    baseline, everything = load_config("baseline"), load_config("four_insights")
    assert active(baseline, "components", COMPONENTS) == five
    assert not active(baseline, "stages", STAGES)
    assert not active(baseline, "intra_sector", SECTORS)
    assert active(everything, "components", COMPONENTS) == set(COMPONENTS)
    assert active(everything, "stages", STAGES) == set(STAGES)
    assert {sector for sector in SECTORS if strengthened(everything, sector)} == set(SECTORS)
    assert active(load_config("business_coalition"), "intra_sector", SECTORS) == {"business"}
    assert load_config("civil_society_only").sectors == ["civil_society"]
    assert load_config("late_measurement").components.shared_measurement.from_week == 53
    assert not active(load_config("direct_launch"), "stages", STAGES)
    for stage in STAGES:
        assert active(load_config(f"stage_{stage}"), "stages", STAGES) == {stage}
    for component in COMPONENTS:
        assert active(load_config(f"without_{component}"), "components", COMPONENTS) == set(COMPONENTS) - {component}


@pytest.mark.parametrize("kind", ["content", "process", "infrastructure"])
def test_a_kind_is_left_out_as_a_whole(kind):
    config = load_config(f"without_{kind}")
    rules = rules_from(config)[0]
    assert {name for name in COMPONENTS if rules[name] > 0} == {
        name for name in COMPONENTS if config.components[name].kind != kind
    }


def test_a_component_moved_to_another_kind_is_left_out_with_that():
    config = load_config("without_content", ["components.shared_measurement.kind=infrastructure"])
    assert rules_from(config)[0].shared_measurement == 1.0


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["commitment.quorum=1.5"], ["commitment.quorum=1.5", "0 to 1"]),
        (["comitment.quorum=1"], ["comitment.quorum", "commitment.quorum?"]),
        (["stages=[map,bogus]"], ["bogus", "recognize"]),
        (["scenario=basline"], ["basline", "baseline?"]),
        (["sectors=[]"], ["sectors", "government"]),
        (["sectors=[government,busines]"], ["busines", "business?"]),
        (["weeks=abc"], ["weeks=abc", "whole number", "100,000"]),
        (["weeks=2.5"], ["weeks=2.5", "whole number"]),
        (["weeks=-1"], ["weeks=-1", "1 to 100,000"]),
        (["trust.half_life=null"], ["trust.half_life", "number"]),
        (["trust.half_life=nan"], ["trust.half_life=nan", "number"]),
        (["context.conflict=[0.5,0.2]"], ["context.conflict", "exceed"]),
        (["context.conflict=[0.5]"], ["context.conflict", "[low, high]"]),
        (["context.conflict=high"], ["context.conflict=high", "0 to 1"]),
        (["stages.admission=soon"], ["stages.admission=soon", "ready, calendar"]),
        (["components.without=[soft]"], ["components.without", "infrastructure"]),
        (["components.backbone.kind=soft"], ["components.backbone.kind=soft", "infrastructure"]),
        (
            ["commitment.required_sectors=[business]", "sectors=[government]"],
            ["required_sectors", "does not take part"],
        ),
        (["commitment.required_sectors=[]"], ["required_sectors", "at least one"]),
        (["population=from_files"], ["organizations", "FILE.csv"]),
        (["organizations=a.csv"], ["organizations", "from_files"]),
        (["population.trust_scale=[4,1]"], ["trust_scale", "[lowest, highest]"]),
        (["population.size=2"], ["population.size=2", "3"]),
        (["sectors=[business]", "population.share_business=0"], ["shares", "business"]),
        (["executor.workers=0"], ["executor.workers=0", "at least 1"]),
        (["executor=cloud"], ["executor=cloud", "local"]),
        (["+surprise=1"], ["surprise", "known key"]),
        (["weeks"], ["weeks", "KEY=VALUE"]),
        (["sectors=government"], ["sectors=government", "list", "sectors=[a,b]"]),
        (["sectors=[business,business]"], ["sectors", "twice"]),
        (["trust=3"], ["trust=3", "group of keys", "trust.half_life"]),
        (["executor.workers=abc"], ["executor.workers=abc", "whole number, or null"]),
        (["quiet=perhaps"], ["quiet=perhaps", "true or false"]),
        (["scenario="], ["scenario=", "baseline, business_coalition"]),
        (["experiment=four_insights"], ["experiment", "not for this command"]),
        (["context.spread=null"], ["context.spread=null", "[low, high]"]),
        (["population=from_files", "organizations="], ["organizations", "FILE.csv"]),
        (["output_dir="], ["output_dir", "folder"]),
        (["scenario.name=../x"], ["scenario.name=../x", "one word"]),
    ],
)
def test_a_wrong_configuration_is_refused_in_one_line_that_names_key_value_and_what_is_allowed(overrides, words):
    with pytest.raises(UserError) as refusal:
        load_config("run", overrides)
    message = str(refusal.value)
    assert "\n" not in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["scenario=direct_launch"], ["scenario=direct_launch", "scenarios=[…]"]),
        (["scenarios=[baseline,preliminary_stages]", "stages=all"], ["the same", "stages.map.active=True"]),
        (["experiment=single_sector", "sectors=[government]"], ["sectors=['government']", "civil_society_only"]),
        (["scenarios=baseline"], ["scenarios=baseline", "list"]),
    ],
)
def test_a_comparison_that_would_not_compare_what_it_says_is_refused(overrides, words):
    with pytest.raises(UserError) as refusal:
        load_config("compare", overrides)
    for word in words:
        assert word in str(refusal.value)


def test_scenarios_of_ones_own_choice_do_not_take_the_four_insights_title_and_folder():
    own, named = load_config("compare", ["scenarios=[baseline,stage_map]"]), load_config("compare")
    assert (own.title, own.output_dir) == ("A comparison", "results/comparison")
    assert (named.title, named.output_dir) == ("The four insights", "results/four_insights")


def test_what_is_set_besides_the_scenario_is_told_apart():
    assert own_settings(load_config("four_insights", ["seed=9", "replicates=3"])) == []
    assert own_settings(load_config("baseline", ["trust.half_life=26"])) == ["trust.half_life=26.0"]


def test_an_unknown_configuration_is_refused_with_what_there_is():
    with pytest.raises(UserError, match=r"four_insight.*did you mean four_insights\?"):
        load_config("four_insight")


def test_every_limit_of_every_number_is_checked():
    config = load_config("run")
    for key, meta in declared().items():
        whole = isinstance(meta["default"], int)
        beyond = meta["high"] + 1 if whole else meta["high"] * 1.01 + 0.01
        with pytest.raises(UserError, match=key.replace(".", r"\.")):
            with_values(config, {key: beyond})
    with pytest.raises(UserError, match=rf"{key}={beyond}: must be a number"):
        load_config("run", [f"{key}={beyond}"])


def test_every_declared_number_is_documented():
    for key, meta in declared().items():
        assert meta["about"], key
        assert meta["source"], key
        default = meta["default"] if isinstance(meta["default"], list) else [meta["default"]]
        assert all(meta["low"] <= value <= meta["high"] for value in default), key


def test_the_same_override_moves_with_the_scenario():
    config = load_config("compare", ["trust.half_life=26", "population.size=30", "stages.core=9"])
    moved = in_scenario(config, "preliminary_stages")
    assert (moved.trust.half_life, moved.population.size, moved.stages.core) == (26, 30, 9)
    assert active(moved, "stages", STAGES) == set(STAGES)
    assert in_scenario(moved, "baseline").stages == config.stages


def test_the_rules_record_holds_what_the_configuration_says():
    config = load_config(
        "four_insights", ["intra_sector.business.strength=0.4", "context.trust=0.3", "trust.half_life=9"]
    )
    rules = rules_from(config)[0]
    assert rules.half_life == 9
    assert list(rules.strengthening) == [1.0, 0.4, 1.0]
    assert rules.context_low[4] == rules.context_high[4] == 0.3
    assert list(rules.required) == [1, 1, 1]
    assert rules.recognize == rules.backbone == 1.0


def test_a_configuration_written_to_a_file_says_everything():
    config = load_config("run", ["seed=9"])
    assert OmegaConf.create(OmegaConf.to_yaml(config, resolve=True)).seed == 9


@pytest.mark.parametrize(
    ("overrides", "key"),
    [
        (["events=crisis", "events.crisis.week=53"], "events.crisis.week=53"),
        (["components.backbone.from_week=60"], "components.backbone.from_week=60"),
        (["intra_sector=business", "intra_sector.business.from_week=99"], "intra_sector.business.from_week=99"),
    ],
)
def test_what_lies_after_the_horizon_is_refused(overrides, key):
    with pytest.raises(UserError, match=f"{key}: lies after the horizon, weeks=52, and would have no effect"):
        load_config("run", ["weeks=52", *overrides])
    load_config("run", ["weeks=99", *overrides])


def test_what_ends_before_it_begins_is_refused():
    own = ["components.backbone.from_week=20", "components.backbone.until_week=10"]
    with pytest.raises(UserError, match=r"until_week=10: lies before components\.backbone\.from_week=20"):
        load_config("run", own)


def test_in_each_order_of_the_kinds_every_component_works_for_as_long():
    names = [name for name in scenario_names() if name.startswith("kinds_") and name != "kinds_in_sequence"]
    assert len(names) == 7
    starts = set()
    for name in names:
        components = load_config(name).components
        at_work = {c: (components[c].from_week, components[c].until_week) for c in COMPONENTS}
        assert {until - max(start, 1) + 1 for start, until in at_work.values()} == {104}
        assert all(
            at_work[c] == at_work[d] for c in COMPONENTS for d in COMPONENTS if components[c].kind == components[d].kind
        )
        starts.add(tuple(start for start, _ in at_work.values()))
    assert len(starts) == 7


@pytest.mark.parametrize(
    ("parts", "refusal"),
    [
        ("[repair]", r"parts=\['repair'\]: repair is of breaches of the charter; add charter, or leave out repair"),
        (
            "[chartre]",
            r"parts: 'chartre' is unknown \(did you mean charter\?\); there are: charter, repair, small_steps",
        ),
    ],
)
def test_impossible_parts_of_the_sixth_component_are_refused(parts, refusal):
    with pytest.raises(UserError, match=refusal):
        load_config("sixth_component", [f"components.trust_and_agreements.parts={parts}"])


def test_a_charter_without_the_sixth_component_is_said():
    refusal = r"parts=\['charter'\]: are parts of the sixth component, which is off; add components=six"
    given = "components.trust_and_agreements.parts=[charter]"
    with pytest.raises(UserError, match=refusal):
        load_config("run", [given])
    with pytest.raises(UserError, match=refusal):
        load_config("compare", [given, "scenarios=[baseline,intra_sector]"])
    load_config("run", [given, "components=six"])
    load_config("compare", [given, "scenarios=[baseline,sixth_component]"])


@pytest.mark.parametrize(
    "given",
    [
        *("willingness.prior=1.1", "willingness.half_life=0", "group.prior=0", "group.prior_weight=-1"),
        *("group.inside_weight=0", "charter.round_weeks=0", "charter.hours=-1", "charter.restored=2"),
        *("charter.tolerance=0", "charter.account_hours=-1", "charter.mediator_hours=99"),
    ],
)
def test_every_new_number_is_refused_outside_its_range_by_name(given):
    with pytest.raises(UserError, match=rf"^{given}[.0]*: must be a number from"):
        load_config("run", [given])
