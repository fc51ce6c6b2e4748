/** Hundreds of runs of two plans on the same luck, in background workers: what differs, with intervals that narrow. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { WeekChart, type Line } from "./charts";
import { jobOf, valuesOf, type Plan } from "./plan";
import { Workers, type Outcomes } from "./runs";
import { Notice, usePage, useWords } from "./shared";
import { meanDifference, riskDifference, share, type Estimate } from "./statistics";
import { tables } from "./tables";

export const RUNS = 200; // of each plan
const COLOURS = ["var(--plan-0)", "var(--plan-1)"];

/** Run both plans so often on the luck of a seed, and show each time that something is finished. */
export function useManyRuns(
  plans: Plan[],
  seed: number,
  runs: number,
): { workers: Workers | null; start: () => void; stop: () => void; running: boolean } {
  const { module, own } = usePage();
  const [workers, setWorkers] = useState<Workers | null>(null);
  const [running, setRunning] = useState(false);
  const [, redraw] = useState(0);
  const asked = useRef(0);
  useEffect(() => () => workers?.stop(), [workers]);
  const start = (): void => {
    setRunning(true);
    const jobs = plans.map((plan) => jobOf(plan, own));
    setWorkers(
      new Workers(module, jobs, seed, runs, (over) => {
        if (over) setRunning(false);
        cancelAnimationFrame(asked.current);
        asked.current = requestAnimationFrame(() => redraw((n) => n + 1));
      }),
    );
  };
  const stop = (): void => {
    workers?.stop();
    setRunning(false);
  };
  return { workers, start, stop, running };
}

export function Results({ plans }: { plans: Plan[] }): JSX.Element {
  const { words, address } = usePage();
  const { workers, start, stop, running } = useManyRuns(plans, address.seed, RUNS);
  const pairs = workers?.outcomes.pairs ?? [];
  return (
    <section class="results">
      <h2>{words.t("results.title")}</h2>
      <p class="does">{words.t("results.what", { n: RUNS })}</p>
      {running ? (
        <button type="button" class="primary" onClick={stop}>
          {words.t("results.stop")}
        </button>
      ) : (
        <button type="button" class="primary" onClick={start}>
          {words.t(workers ? "results.again" : "results.start", { n: RUNS })}
        </button>
      )}
      {workers && <progress value={pairs.length} max={RUNS} aria-label={words.t("results.progress")} />}
      {workers && <span class="does"> {words.t("results.done", { n: pairs.length, all: RUNS })}</span>}
      {workers !== null && workers.died > 0 && (
        <Notice kind="error">{words.t(running ? "results.worker_died" : "results.workers_died")}</Notice>
      )}
      {workers !== null && pairs.length > 1 && <Found outcomes={workers.outcomes} pairs={pairs} plans={plans} />}
    </section>
  );
}

function Found({ outcomes, pairs, plans }: { outcomes: Outcomes; pairs: number[]; plans: Plan[] }): JSX.Element {
  const words = useWords();
  const weeks = Math.max(...plans.map((plan) => valuesOf(plan)["weeks"] as number));
  const names = plans.map((_, which) => words.t(`compare.plan_${which}`));
  return (
    <>
      <Sentence outcomes={outcomes} pairs={pairs} />
      <div class="charts">
        <WeekChart
          title={words.t("results.curve")}
          lines={plans.map((_, which) => curve(outcomes, which, pairs, weeks, names[which]))}
          weeks={weeks}
          top={1}
          percent
          height={170}
        />
        <Causes outcomes={outcomes} pairs={pairs} names={names} />
      </div>
      <Effects outcomes={outcomes} pairs={pairs} weeks={weeks} />
    </>
  );
}

/** The share that has formed by each week, with its interval. */
export function curve(outcomes: Outcomes, which: number, pairs: number[], weeks: number, name: string): Line {
  const when = outcomes.of(which, "formation_week", pairs);
  const by = Array.from({ length: weeks + 1 }, (_, week) => share(when.filter((w) => w <= week).length, pairs.length));
  return {
    name,
    colour: COLOURS[which],
    dashed: which === 1,
    values: by.map(({ estimate }) => estimate),
    low: by.map(({ low }) => low),
    high: by.map(({ high }) => high),
  };
}

function formed(outcomes: Outcomes, pairs: number[]): Estimate {
  return riskDifference(outcomes.of(1, "formed", pairs), outcomes.of(0, "formed", pairs));
}

/** The answer in words that say how sure. */
function Sentence({ outcomes, pairs }: { outcomes: Outcomes; pairs: number[] }): JSX.Element {
  const words = useWords();
  const { estimate, low, high } = formed(outcomes, pairs);
  const [a, b] = [0, 1].map((which) => share(outcomes.of(which, "formed", pairs).filter(Boolean).length, pairs.length).estimate);
  const key = low > 0 ? "more" : high < 0 ? "less" : "unclear";
  const points = (value: number): string => words.signed(100 * value);
  return (
    <p class="answer" role="status">
      {words.t(`results.${key}`, {
        a: words.percent(a),
        b: words.percent(b),
        by: points(estimate),
        low: points(low),
        high: points(high),
      })}
    </p>
  );
}

interface Shown {
  name: string;
  scale: number;
  decimals: number;
}

const EFFECTS: Shown[] = [
  { name: "formed", scale: 100, decimals: 1 },
  { name: "time_to_formation", scale: 1, decimals: 1 },
  { name: "hours_spent", scale: 1, decimals: 0 },
  { name: "trust_across", scale: 100, decimals: 1 },
  { name: "satisfaction_mean", scale: 100, decimals: 1 },
  { name: "satisfaction_min", scale: 100, decimals: 1 },
  { name: "influence_bias", scale: 100, decimals: 2 },
  { name: "breadth_field", scale: 100, decimals: 1 },
];

/** Return the values on which an effect is estimated; who never formed counts with the horizon. */
export function effectOn(outcomes: Outcomes, name: string, pairs: number[], weeks: number): Estimate {
  if (name === "formed") return formed(outcomes, pairs);
  const of = (which: number): number[] => {
    if (name !== "time_to_formation") return outcomes.of(which, name, pairs);
    return outcomes.of(which, "formation_week", pairs).map((week) => (Number.isNaN(week) ? weeks : week));
  };
  return meanDifference(of(1), of(0));
}

function Effects({ outcomes, pairs, weeks }: { outcomes: Outcomes; pairs: number[]; weeks: number }): JSX.Element {
  const words = useWords();
  return (
    <table class="numbers effects">
      <caption>{words.t("results.effects")}</caption>
      <thead>
        <tr>
          <th scope="col">{words.t("results.outcome")}</th>
          <th scope="col">{words.t("results.difference")}</th>
          <th scope="col">{words.t("results.interval")}</th>
          <th scope="col" aria-label={words.t("results.picture")} />
        </tr>
      </thead>
      <tbody>
        {EFFECTS.map(({ name, scale, decimals }) => {
          const { estimate, low, high } = effectOn(outcomes, name, pairs, weeks);
          const clear = low > 0 || high < 0;
          return (
            <tr key={name} class={clear ? "clear" : undefined} data-outcome={name}>
              <th scope="row">{words.t(`outcomes.${name}`)}</th>
              <td dir="ltr">{words.signed(scale * estimate, decimals)}</td>
              <td dir="ltr">
                {words.signed(scale * low, decimals)} … {words.signed(scale * high, decimals)}
              </td>
              <td>
                <Whisker {...{ estimate, low, high }} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** An interval against zero. */
function Whisker({ estimate, low, high }: { estimate: number; low: number; high: number }): JSX.Element {
  const most = Math.max(Math.abs(low), Math.abs(high), 1e-9);
  const x = (value: number): number => 60 + (54 * value) / most;
  if (Number.isNaN(most)) return <svg width="120" height="16" aria-hidden="true" />;
  return (
    <svg width="120" height="16" viewBox="0 0 120 16" aria-hidden="true" class="whisker" dir="ltr">
      <line x1="60" x2="60" y1="0" y2="16" class="grid" />
      <line x1={x(low)} x2={x(high)} y1="8" y2="8" class="line" />
      <circle cx={x(estimate)} cy="8" r="3.5" />
    </svg>
  );
}

/** What stood in the way of those that do not stand. */
function Causes({ outcomes, pairs, names }: { outcomes: Outcomes; pairs: number[]; names: string[] }): JSX.Element {
  const words = useWords();
  const all = ["stands", ...tables.lists.causes];
  const shares = names.map((_, which) => {
    const causes = outcomes.of(which, "cause", pairs);
    return all.map((_, cause) => causes.filter((c) => c === cause).length / pairs.length);
  });
  return (
    <figure class="chart causes">
      <figcaption>
        <strong>{words.t("results.causes")}</strong>
      </figcaption>
      <table class="numbers">
        <thead>
          <tr>
            <td />
            {names.map((name, which) => (
              <th scope="col" class={`plan-${which}`} key={which}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {all.map((cause, c) =>
            shares.some((of) => of[c] > 0) ? (
              <tr key={cause}>
                <th scope="row">
                  <i class={`dot cause-${cause}`} /> {words.t(`causes.${cause}.name`)}
                </th>
                {shares.map((of, which) => (
                  <td key={which}>
                    <i class={`part cause-${cause}`} style={{ inlineSize: `${60 * of[c]}px` }} /> {words.percent(of[c])}
                  </td>
                ))}
              </tr>
            ) : null,
          )}
        </tbody>
      </table>
    </figure>
  );
}
