"""Figures are made for readers: every scenario labelled, nothing overlapping, hard cases drawn."""

import itertools

import numpy as np
import pytest

from ci_sim import compare, load_config, run
from ci_sim.configuration.composition import scenario_names
from ci_sim.figures import comparison, initiative
from ci_sim.figures.aside import drawn_aside
from ci_sim.figures.style import lines_of, save, scenario_label, signed_number


def compared(*overrides: str):
    return compare(
        load_config("compare", ["population.size=12", "weeks=30", "replicates=20", "quiet=true", *overrides])
    )


@pytest.fixture(scope="module")
def result():
    return compared()


def figures_of(result, reference: str = "baseline", locale: str = "en") -> dict:
    return {
        "formation": comparison.formation_curves(result.outcomes, reference, 30, locale),
        "why_not": comparison.why_not(result.outcomes, locale),
        "trust": comparison.trust_over_time(result.weekly, reference, locale),
        "effects": comparison.effects_forest(result.effects, reference, locale),
        "price": comparison.price_and_result(result.outcomes, reference, locale),
        "contexts": comparison.effects_in_contexts(result.by_context, reference, locale),
    }


def texts_of(figure) -> list:
    """Return the texts that are drawn: not the labels of ticks beyond the ends of an axis."""
    figure.canvas.draw()
    texts = [text for text in figure.findobj(lambda artist: hasattr(artist, "get_text")) if text.get_text().strip()]
    beyond = set()
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        beyond |= {tick.label1 for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high}
    return [text for text in texts if text not in beyond]


def test_every_figure_names_every_scenario(result):
    for name, figure in figures_of(result).items():
        written = " ".join(text.get_text() for text in texts_of(figure))
        for scenario in ("preliminary_stages", "sixth_component", "intra_sector", "four_insights"):
            assert scenario_label(scenario) in written, name


@pytest.mark.parametrize("name", ["formation", "trust"])
def test_labels_beside_lines_do_not_overlap(result, name):
    figure = figures_of(result)[name]
    labels = [t for t in texts_of(figure) if any(scenario_label(s) in t.get_text() for s in result.descriptions)]
    boxes = [t.get_window_extent() for t in labels]
    assert len(boxes) == 5
    for a, b in itertools.combinations(boxes, 2):
        assert not a.overlaps(b)


def test_nothing_written_on_a_course_overlaps():
    weekly = run(load_config("run", ["quiet=true"])).weekly
    late = weekly.assign(formed=(weekly["week"] >= 131).astype(float))  # the longest title
    boxes = [text.get_window_extent() for text in texts_of(initiative.course(late)) if text.get_visible()]
    for a, b in itertools.combinations(boxes, 2):
        assert not a.overlaps(b)


def test_what_lines_of_a_course_are_called_stands_beside_their_ends():
    """Moved apart from each other by no more than two lines of text."""
    weekly = run(load_config("run", ["population=knoke", "quiet=true"])).weekly
    figure = initiative.course(weekly)
    axes = figure.axes[0]
    low, high = axes.get_ylim()
    assert (low, high) == (-0.02, 1.02)
    for sector, words in (("government", "Government"), ("business", "Business"), ("civil_society", "Civil society")):
        label = next(text for text in axes.texts if text.get_text() == words)
        end = (weekly[f"share_{sector}"].iloc[-1] - low) / (high - low)
        assert abs(label.xy[1] - end) < 0.2


def test_the_formation_curve_ends_at_the_share_that_formed(result):
    figure = comparison.formation_curves(result.outcomes, "baseline", 30)
    ends = sorted(line.get_ydata()[-1] for line in figure.axes[0].lines)
    assert ends == sorted(result.outcomes.groupby("scenario")["formed"].mean())


def test_a_single_sector_and_runs_that_never_form_are_drawn(tmp_path):
    alone = compared("experiment=single_sector")
    never = compared("commitment.cost=1", "commitment.noise=0")
    assert not never.outcomes["formed"].any()
    for k, figure in enumerate([*figures_of(alone, "civil_society_only").values(), *figures_of(never).values()]):
        save(figure, tmp_path / f"{k}.png")


def test_all_scenarios_at_once_are_told_apart():
    looks = lines_of(scenario_names(), "baseline")
    assert len({(look["color"], look["dashes"]) for look in looks.values()}) == len(scenario_names())
    assert len({scenario_label(name) for name in scenario_names()}) == len(scenario_names())


@pytest.mark.parametrize(("value", "text"), [(0.04, "0.0"), (-0.04, "0.0"), (1.25, "+1.2"), (-3.0, "−3.0")])
def test_differences_are_written_with_their_sign(value, text):
    assert signed_number(value) == text


def test_the_network_draws_every_tie_and_organization():
    one = run(load_config("four_insights", ["population=knoke", "weeks=20", "quiet=true"]))
    figure = initiative.network(one.organizations, one.ties)
    axes = figure.axes[0]
    drawn = sum(len(c.get_segments()) for c in axes.collections if hasattr(c, "get_segments"))
    places = np.concatenate([c.get_offsets() for c in axes.collections if not hasattr(c, "get_segments")])
    assert drawn == len(one.ties)
    assert len(np.unique(places, axis=0)) == len(one.organizations)
    written = [text.get_text() for text in texts_of(figure)]
    assert set(one.organizations["name"]) <= set(written)


@pytest.mark.parametrize("weeks", [1, 2, 30])
def test_the_course_of_a_short_initiative_is_drawn(tmp_path, weeks):
    one = run(load_config("run", ["population.size=12", f"weeks={weeks}", "quiet=true"]))
    save(initiative.course(one.weekly), tmp_path / "course.png")
    save(initiative.network(one.organizations, one.ties), tmp_path / "network.svg")


def test_what_is_drawn_aside_is_the_same_picture(tmp_path):
    one = run(load_config("run", ["population.size=12", "weeks=10", "quiet=true"]))
    with drawn_aside() as draw:
        draw(
            ("course", tmp_path / "course.png", one.weekly),
            ("network", tmp_path / "network.png", one.organizations, one.ties),
        )
    save(initiative.course(one.weekly), tmp_path / "course here.png")
    save(initiative.network(one.organizations, one.ties), tmp_path / "network here.png")
    for name in ("course", "network"):
        assert (tmp_path / f"{name}.png").read_bytes() == (tmp_path / f"{name} here.png").read_bytes()


def test_what_cannot_be_drawn_aside_is_said_at_the_end(tmp_path):
    one = run(load_config("run", ["population.size=12", "weeks=10", "quiet=true"]))
    with pytest.raises(OSError, match="no folder"), drawn_aside() as draw:
        draw(("course", tmp_path / "no folder" / "course.png", one.weekly))


def test_figures_of_a_run_and_of_a_comparison_speak_hebrew(result):
    """Every text with letters has Hebrew ones."""
    one = run(load_config("run", ["population.size=12", "weeks=30", "quiet=true"]))
    drawn = {**figures_of(result, locale="he"), "course": initiative.course(one.weekly, "he")}
    for figure in drawn.values():
        words = [t.get_text() for t in texts_of(figure) if any(c.isalpha() for c in t.get_text())]
        assert words
        assert [word for word in words if not any("א" <= c <= "ת" for c in word)] == []
