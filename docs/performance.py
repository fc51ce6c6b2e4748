"""Make `docs/performance.md` and its figures from what the benchmarks measured.

python docs/performance.py SPEED.json STREAMS.csv PAGE.json
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter
from pages import fill_in, markdown_table

from ci_sim.figures.style import INK, MUTED, new_figure, save, theme

DOCS = Path(__file__).parent
_COLOURS = ("#0072B2", "#D55E00")
RIGHT = "---:"
SMALL = 0.1  # an effect below a tenth of the outcome's standard deviation


def spread_table(what: str, rows: dict[str, dict[str, float]]) -> str:
    """Return medians with their spread."""
    cells = [
        [name.replace("_", " "), *(f"{row[key]:.3g}" for key in ("median", "least", "greatest"))]
        for name, row in rows.items()
    ]
    return markdown_table([what, "median", "least", "greatest"], cells, RIGHT)


def sizes_table(sizes: pd.DataFrame) -> str:
    """Return the sizes."""
    header = [
        "organizations",
        "seconds",
        "ns an organization and week",
        "times 1,000's",
        "bytes a tie",
        "MB of state",
        "seconds with tables",
        "peak GiB",
    ]
    rows = [
        [
            f"{row.organizations:,.0f}", f"{row.seconds:.3g}", f"{row.ns_per_organization_week:.0f}",
            f"{row.times_a_thousand:.2f}",
            f"{row.state_bytes_per_tie:.1f}", f"{row.organizations * row.state_bytes_per_organization / 1e6:,.1f}",
            f"{row.seconds_with_tables:.3g}", f"{row.peak_gib:.2f}",
        ]
        for row in sizes.itertuples()
    ]  # fmt: skip
    return markdown_table(header, rows, RIGHT)


def plain_numbers(axes: Axes) -> None:
    """Write the numbers of logarithmic axes out: 0.01, 10, 1,000,000."""
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())


def draw_sizes(sizes: pd.DataFrame) -> None:
    """Draw time and memory against the number of organizations, both on logarithmic scales."""
    with theme():
        figure = new_figure(9, 3.4)
        for k, (column, label) in enumerate((("seconds", "seconds, 20 weeks"), ("memory", "memory of the state, MB"))):
            axes = figure.add_subplot(1, 2, k + 1)
            values = sizes.assign(memory=sizes["organizations"] * sizes["state_bytes_per_organization"] / 1e6)[column]
            axes.loglog(sizes["organizations"], values, "o-", color=_COLOURS[0])
            proportional = values.iloc[0] * sizes["organizations"] / sizes["organizations"].iloc[0]
            axes.loglog(sizes["organizations"], proportional, color=MUTED, linestyle=":", label="in proportion")
            axes.set(xlabel="organizations", ylabel=label, xticks=[1e3, 1e4, 1e5, 1e6])
            plain_numbers(axes)
            axes.legend(frameon=False)
        save(figure, DOCS / "images" / "performance_size.png")


def draw_streams(streams: pd.DataFrame) -> None:
    """Draw the factors on cross-sector trust and on the chance of forming against the size of the effect."""
    with theme():
        figure = new_figure(11, 4)
        designs = {
            "independent seeds": ("against_independent", "independent"),
            "drifting streams": ("against_drifting", "drifting"),
        }
        for k, (outcome, title) in enumerate(
            (("trust_across", "trust across sectors"), ("formed", "chance of forming"))
        ):
            axes = figure.add_subplot(1, 2, k + 1)
            rows = streams[(streams["outcome"] == outcome) & (streams["effect_size"] > 0)]
            for (name, (column, low_high)), colour in zip(designs.items(), _COLOURS, strict=True):
                reach = [rows[column] - rows[f"{low_high}_low"], rows[f"{low_high}_high"] - rows[column]]
                reach = [r.clip(lower=0) for r in reach]
                axes.errorbar(
                    rows["effect_size"], rows[column], yerr=reach, fmt="o", color=colour, elinewidth=1, markersize=4,
                    label=f"against {name}",
                )  # fmt: skip
            axes.set(xscale="log", yscale="log", title=title, xlabel="size of the effect, in standard deviations")
            axes.axhline(1, color=INK, linewidth=1)
            plain_numbers(axes)
            if k == 0:
                axes.set_ylabel("so many times as many runs")
                axes.legend(frameon=False)
        save(figure, DOCS / "images" / "performance_streams.png")


def streams_table(streams: pd.DataFrame) -> str:
    """Return the factors on cross-sector trust."""
    header = ["parameter", "changed by", "effect, s.d.", "against independent seeds", "against drifting streams"]
    rows = [
        [
            f"`{row.parameter}`", f"{100 * row.change:g} %", f"{row.effect_size:.3f}",
            f"{row.against_independent:.1f} ({row.independent_low:.1f} to {row.independent_high:.1f})",
            f"{row.against_drifting:.2f} ({row.drifting_low:.2f} to {row.drifting_high:.2f})",
        ]
        for row in streams[streams["outcome"] == "trust_across"].itertuples()
    ]  # fmt: skip
    return markdown_table(header, rows, RIGHT)


def streams_summary(streams: pd.DataFrame) -> str:
    """Return what the small changes have in common, in words."""
    small = streams[(streams["outcome"] == "trust_across") & (streams["effect_size"] < SMALL)]
    a, b = small["against_independent"], small["against_drifting"]
    mean_a, mean_b = (np.exp(np.log(factor).mean()) for factor in (a, b))
    return (
        f"On trust across sectors, the {len(small)} changes with an effect below a tenth of its standard deviation save a factor "
        f"of {mean_a:.0f} against independent seeds ({a.min():.0f} to {a.max():.0f}) and of {mean_b:.2f} against drifting "
        f"streams ({b.min():.2f} to {b.max():.2f}; {int((b >= 1.5).sum())} of them 1.5 or more)."
    )


def main() -> None:
    """Write the page and its figures."""
    parser = argparse.ArgumentParser(description="Make docs/performance.md from what the benchmarks measured.")
    parser.add_argument("speed", type=Path)
    parser.add_argument("streams", type=Path)
    parser.add_argument("page", type=Path)
    arguments = parser.parse_args()
    found, streams = json.loads(arguments.speed.read_text(encoding="utf-8")), pd.read_csv(arguments.streams)
    page = json.loads(arguments.page.read_text(encoding="utf-8"))
    sizes, facts, ratios = pd.DataFrame(found["sizes"]), found["machine"], found["ratios"]
    draw_sizes(sizes)
    draw_streams(streams)
    start = [
        [f"`{name}`" if name.startswith("ci-sim") else name, f"{s:.2f}"]
        for name, s in found["start_up_seconds"].items()
    ]
    packages = ", ".join(f"{name} {facts[name]}" for name in ("numba", "numpy", "mesa"))
    parts = {
        "MACHINE": f"{facts['cores']} cores ({facts['processor']}), Python {facts['python']}, {packages}",
        "EQUAL": f"{100 * found['twins']['runs_equal_to_c']:.1f} %",
        "P": f"{found['twins']['least_corrected_p_against_plain_mesa']:.2f}",
        "ROUNDS": str(found["rounds"]),
        "TIMES": spread_table("milliseconds a run", found["milliseconds_a_run"]),
        "RATIOS": spread_table("ratio", ratios),
        "VARIANTS": spread_table("time over that of C", found["variants_of_c_time_over_c"]),
        "C_MESA": f"{ratios['c_speed_over_plain_mesa']['median']:.0f}",
        "FACE": f"{ratios['mesa_face_time_over_engine']['median']:.1f}",
        "SIZES": sizes_table(sizes),
        "MILLION": f"{sizes['times_a_thousand'].iloc[-1]:.1f}",
        "START": markdown_table(["wall seconds", "best of three"], start, RIGHT),
        "PAGE": spread_table("", page),
        "STREAMS": streams_table(streams),
        "STREAMS SUMMARY": streams_summary(streams),
    }
    fill_in(DOCS / "performance.md", parts)


if __name__ == "__main__":
    main()
