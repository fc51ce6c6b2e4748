/** Lines over weeks, drawn as SVG: a picture with a title, an axis that can be read, and lines that are named at their end. */

import type { JSX, TargetedPointerEvent } from "preact";
import { useMemo } from "preact/hooks";
import { scaleLinear, type ScaleLinear } from "d3-scale";
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
  level?: number; // a line across
  height?: number;
}

type Scale = ScaleLinear<number, number>;

const WIDTH = 320;
const EDGE = { left: 44, right: 10, top: 8, bottom: 22 };

export function WeekChart(props: Props): JSX.Element {
  const words = useWords();
  const { title, lines, weeks, week, setWeek, level, percent, top, height = 130 } = props;
  const x = scaleLinear([0, weeks], [EDGE.left, WIDTH - EDGE.right]);
  const y = useMemo(() => heights(lines, top, height), [lines, top, height]);
  const shown = (value: number): string => (percent ? words.percent(value) : words.number(value, y.domain()[1] < 5 ? 1 : 0));
  const drawn = useMemo(
    () => <Drawn lines={lines} weeks={weeks} x={x} y={y} level={level} height={height} shown={shown} />,
    [lines, weeks, y, level, height, words],
  );
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
                <line
                  x1="0"
                  y1="3"
                  x2="16"
                  y2="3"
                  style={{ stroke: colour }}
                  stroke-width="3"
                  stroke-dasharray={dashed ? "4 2" : undefined}
                />
              </svg>{" "}
              {name} <b>{shown(now(values))}</b>
            </span>
          ))}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${height}`}
        role="img"
        aria-label={`${title}: ${lines.map(({ name, values }) => `${name} ${shown(now(values))}`).join(", ")}`}
        class={setWeek ? "clickable" : undefined}
        onPointerDown={move}
        onPointerMove={move}
      >
        {drawn}
        {week !== undefined && <line class="cursor" x1={x(week)} x2={x(week)} y1={EDGE.top} y2={height - EDGE.bottom} />}
      </svg>
    </figure>
  );
}

/** Return where values stand: up to `top`, or as high as the lines need. */
function heights(lines: Line[], top: number | undefined, height: number): Scale {
  const values = lines.flatMap((one) => [...one.values, ...(one.high ?? [])]).filter((value) => !Number.isNaN(value));
  const y = scaleLinear([0, top ?? (Math.max(...values, 0) || 1)], [height - EDGE.bottom, EDGE.top]);
  return top === undefined ? y.nice(3) : y;
}

interface DrawnProps {
  lines: Line[];
  weeks: number;
  x: Scale;
  y: Scale;
  level: number | undefined;
  height: number;
  shown: (value: number) => string;
}

/** All but the cursor: it stays as it is while weeks go by. */
function Drawn({ lines, weeks, x, y, level, height, shown }: DrawnProps): JSX.Element {
  const words = useWords();
  const path = line<number>(
    (_, i) => x(i),
    (v) => y(v),
  ).defined((v) => !Number.isNaN(v));
  const across = { x1: EDGE.left, x2: WIDTH - EDGE.right };
  return (
    <>
      {y.ticks(3).map((tick) => (
        <g>
          <line class="grid" {...across} y1={y(tick)} y2={y(tick)} />
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
      {level !== undefined && <line class="level" {...across} y1={y(level)} y2={y(level)} />}
      {lines.map(
        ({ low, high, colour }) => low && high && <path d={band(x, y, low, high)} style={{ fill: colour }} opacity="0.18" />,
      )}
      {lines.map(({ values, colour, dashed }) => (
        <path d={path(values) ?? ""} style={{ stroke: colour }} class="line" stroke-dasharray={dashed ? "5 3" : undefined} />
      ))}
    </>
  );
}

function band(x: Scale, y: Scale, low: number[], high: number[]): string {
  const between = area<number>(
    (_, i) => x(i),
    (v) => y(v),
    (_, i) => y(high[i]),
  );
  return between(low) ?? "";
}

/** Return the weeks that are marked on an axis: by the half year, or coarser over a long horizon. */
function yearTicks(weeks: number): number[] {
  const step = [4, 13, 26, 52, 104].find((s) => weeks / s <= 7) ?? 52 * Math.max(1, Math.round(weeks / 52 / 6));
  return Array.from({ length: Math.floor(weeks / step) + 1 }, (_, i) => i * step);
}
