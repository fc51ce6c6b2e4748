/** Lines over weeks, drawn as SVG: a picture with a title, an axis that can be read, and lines that are named at their end. */

import type { JSX, TargetedPointerEvent } from "preact";
import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { useWords } from "./shared";

export interface Line {
  name: string;
  colour: string;
  values: number[]; // one a week; NaN: a gap
  low?: number[]; // a band around it
  high?: number[];
  dashed?: boolean;
}

interface Props {
  title: string;
  lines: Line[];
  weeks: number; // the horizon
  top?: number; // upper end of the axis; by default what the lines need
  percent?: boolean;
  week?: number; // where the cursor stands
  setWeek?: (week: number) => void;
  level?: { value: number; name: string }; // a line across
  height?: number;
}

const WIDTH = 320;
const EDGE = { left: 44, right: 10, top: 8, bottom: 22 };

export function WeekChart(props: Props): JSX.Element {
  const words = useWords();
  const { title, lines, weeks, week, setWeek, level, percent, height = 130 } = props;
  const highest = Math.max(...lines.flatMap(({ values, high }) => [...values, ...(high ?? [])]).filter((v) => !Number.isNaN(v)), 0);
  const x = scaleLinear([0, weeks], [EDGE.left, WIDTH - EDGE.right]);
  const y = scaleLinear([0, props.top ?? (highest || 1)], [height - EDGE.bottom, EDGE.top]);
  if (props.top === undefined) y.nice(3);
  const shown = (value: number): string => (percent ? words.percent(value) : words.number(value, y.domain()[1] < 5 ? 1 : 0));
  const path = line<number>((_, i) => x(i), (v) => y(v)).defined((v) => !Number.isNaN(v));
  const now = (values: number[]): number => values[Math.min(week ?? values.length - 1, values.length - 1)];
  const move = (event: TargetedPointerEvent<SVGSVGElement>): void => {
    if (!setWeek || (event.type === "pointermove" && !(event.buttons & 1))) return;
    const box = event.currentTarget.getBoundingClientRect();
    const at = x.invert(((event.clientX - box.left) / box.width) * WIDTH);
    setWeek(Math.max(0, Math.min(weeks, Math.round(at))));
  };
  return (
    <figure class="chart">
      <figcaption>
        <strong>{title}</strong>
        <span class="legend">
          {lines.map(({ name, colour, values, dashed }) => (
            <span>
              <svg width="16" height="6" aria-hidden="true">
                <line x1="0" y1="3" x2="16" y2="3" style={{ stroke: colour }} stroke-width="3" stroke-dasharray={dashed ? "4 2" : undefined} />
              </svg>{" "}
              {name} <b>{shown(now(values))}</b>
            </span>
          ))}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${height}`}
        dir="ltr"
        role="img"
        aria-label={`${title}: ${lines.map(({ name, values }) => `${name} ${shown(now(values))}`).join(", ")}`}
        class={setWeek ? "clickable" : undefined}
        onPointerDown={move}
        onPointerMove={move}
      >
        {y.ticks(3).map((tick) => (
          <g>
            <line class="grid" x1={EDGE.left} x2={WIDTH - EDGE.right} y1={y(tick)} y2={y(tick)} />
            <text x={EDGE.left - 5} y={y(tick)} dy="0.35em" text-anchor="end">
              {shown(tick)}
            </text>
          </g>
        ))}
        {yearTicks(weeks).map((tick) => (
          <text x={x(tick)} y={height - 6} text-anchor="middle">
            {words.number(tick)}
          </text>
        ))}
        {level && <line class="level" x1={EDGE.left} x2={WIDTH - EDGE.right} y1={y(level.value)} y2={y(level.value)} />}
        {lines.map(({ low, high, colour }) =>
          low && high ? (
            <path
              d={
                area<number>()
                  .x((_, i) => x(i))
                  .y0((v) => y(v))
                  .y1((_, i) => y(high[i]))(low) ?? ""
              }
              style={{ fill: colour }}
              opacity="0.18"
            />
          ) : null,
        )}
        {lines.map(({ values, colour, dashed }) => (
          <path d={path(values) ?? ""} style={{ stroke: colour }} class="line" stroke-dasharray={dashed ? "5 3" : undefined} />
        ))}
        {week !== undefined && <line class="cursor" x1={x(week)} x2={x(week)} y1={EDGE.top} y2={height - EDGE.bottom} />}
      </svg>
    </figure>
  );
}

/** Return the weeks that are marked on an axis: by the half year, or coarser over a long horizon. */
function yearTicks(weeks: number): number[] {
  const step = [4, 13, 26, 52, 104].find((s) => weeks / s <= 7) ?? 52 * Math.max(1, Math.round(weeks / 52 / 6));
  return Array.from({ length: Math.floor(weeks / step) + 1 }, (_, i) => i * step);
}
