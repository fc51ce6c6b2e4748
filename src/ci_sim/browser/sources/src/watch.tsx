/** Watch: one initiative, week by week: who is in, what they believe, what happens, and why. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { WeekChart, type Line } from "./charts";
import { seriesValue, type Course } from "./course";
import { useLevers } from "./levers";
import { Log } from "./log";
import { Picture } from "./picture";
import { impossible, valuesOf } from "./plan";
import { usePlaying } from "./playing";
import { Reasons } from "./reasons";
import { courseOf } from "./runs";
import { Notice, SECTOR_COLOURS, sectorName, stageName, usePage, useWords } from "./shared";
import { tables } from "./tables";
import type { Words } from "./words";

const SPEEDS = [400, 160, 50]; // milliseconds a week

export function Watch(): JSX.Element {
  const { words, address, module, own, go } = usePage();
  const plan = address.plans[0];
  const values = valuesOf(plan);
  const why = impossible(plan, own);
  const course = useMemo(
    () => (why ? null : courseOf(module, plan, own, address.seed)),
    [module, JSON.stringify(plan), own, address.seed, why],
  );
  const levers = useLevers(0);
  const selected = address.who !== null && address.who < (course?.job.partners.ids.length ?? 0) ? address.who : null;
  const select = (who: number | null): void => go({ who });
  if (!course) {
    return (
      <div class="watch">
        {levers}
        <Notice kind="error">{words.t(`refusals.${why}`)}</Notice>
      </div>
    );
  }
  const week = Math.min(address.week, course.last);
  return (
    <div class="watch">
      {levers}
      <div class="stage">
        <Status course={course} week={week} />
        <Picture course={course} week={week} selected={selected} select={select} />
        <Transport course={course} week={week} />
        <Verdict course={course} week={week} />
        <Lines
          course={course}
          week={week}
          quorum={values["commitment.quorum"] as number}
          setWeek={(next) => go({ week: Math.min(next, course.last) })}
        />
      </div>
      <aside class="side">
        <Reasons course={course} week={week} selected={selected} select={select} />
        <Log course={course} week={week} select={select} />
      </aside>
    </div>
  );
}

/** Where the initiative stands this week, in words. */
function Status({ course, week }: { course: Course; week: number }): JSX.Element {
  const words = useWords();
  const { state } = course.weeks[week];
  const is = (field: string): number => state.field("state.initiative", 0, field);
  return (
    <p class="status">
      <b>{words.t("watch.week", { week })}</b>
      <span class="badge">{stageName(words, is("stage"))}</span>
      {is("charter_week") > 0 && <span class="badge charter">{words.t("watch.charter")}</span>}
      {is("standing") === 1 && <span class="badge stands">{words.t("watch.formed")}</span>}
      {is("collapsed") === 1 && <span class="badge failed">{words.t("watch.collapsed")}</span>}
    </p>
  );
}

/** Play, pause, step, drag to any week, another speed, another luck. */
function Transport({ course, week }: { course: Course; week: number }): JSX.Element {
  const { words, address, go } = usePage();
  const [speed, setSpeed] = useState(1);
  const [playing, turn] = usePlaying(week, course.last, SPEEDS[speed]);
  return (
    <div class="transport" role="group" aria-label={words.t("watch.transport")}>
      <button type="button" class="primary" onClick={turn}>
        {words.t(playing ? "watch.pause" : week >= course.last ? "watch.again" : "watch.play")}
      </button>
      <button
        type="button"
        onClick={() => go({ week: Math.max(0, week - 1) })}
        aria-label={words.t("watch.back")}
        title={words.t("watch.back")}
      >
        <bdi dir="ltr">−1</bdi>
      </button>
      <button
        type="button"
        onClick={() => go({ week: Math.min(course.last, week + 1) })}
        aria-label={words.t("watch.step")}
        title={words.t("watch.step")}
      >
        <bdi dir="ltr">+1</bdi>
      </button>
      <input
        type="range"
        dir="ltr"
        min="0"
        max={course.last}
        value={week}
        aria-label={words.t("watch.to_week")}
        onInput={(event) => go({ week: Number(event.currentTarget.value) })}
      />
      <button type="button" onClick={() => go({ week: course.last })}>
        {words.t("watch.to_end")}
      </button>
      <button type="button" onClick={() => setSpeed((speed + 1) % SPEEDS.length)}>
        {words.t(`watch.speed_${speed}`)}
      </button>
      <button type="button" onClick={() => go({ seed: address.seed + 1, week: 0 })}>
        {words.t("watch.another_luck")}
      </button>
      <span class="does">{words.t("watch.luck", { seed: String(address.seed) })}</span>
    </div>
  );
}

/** At the end: how it ended, why, and what one could try. */
function Verdict({ course, week }: { course: Course; week: number }): JSX.Element | null {
  const { words, address, go } = usePage();
  if (week < course.last) return null;
  const { outcomes } = course;
  const cause = tables.lists.causes[outcomes.cause - 1];
  const again = (key: string): void => {
    const plan = address.plans[0];
    go({ plans: [{ ...plan, set: { ...plan.set, [key]: true } }, address.plans[1]], week: 0 });
  };
  const values = valuesOf(address.plans[0]);
  const tries = outcomes.standing ? [] : TRIES.filter((key) => values[key] !== true);
  return (
    <div class={`verdict ${outcomes.standing ? "good" : "bad"}`} role="status">
      {outcomes.standing ? (
        <p>
          <b>{words.t("verdict.stands", { week: outcomes.formation_week })}</b>{" "}
          {words.t("verdict.coalition", {
            n: outcomes.coalition_size,
            all: course.job.partners.ids.length,
            hours: Math.round(outcomes.hours_spent),
          })}
        </p>
      ) : (
        <p>
          <b>{words.t(outcomes.formed ? "verdict.broke_off" : "verdict.failed")}</b> {words.t(`causes.${cause}.because`)}
        </p>
      )}
      {tries.length > 0 && (
        <p>
          {words.t("verdict.try")}{" "}
          {tries.map((key) => (
            <button type="button" key={key} onClick={() => again(key)}>
              {words.t(`verdict.tries.${key}`)}
            </button>
          ))}
        </p>
      )}
    </div>
  );
}

/** Switches that are offered where it fails. */
const TRIES = ["components.trust_and_agreements.active", "intra_sector.every", "stages.convene.active"];

interface LinesProps {
  course: Course;
  week: number;
  quorum: number;
  setWeek: (week: number) => void;
}

/** Return the lines of a run, by chart. */
function linesOf(words: Words, course: Course): Record<string, Line[]> {
  const of = (name: string): number[] => course.weeks.map((one) => seriesValue(one, name));
  const one = (name: string): Line => ({ name: words.t(`series.${name}`), colour: "var(--line-a)", values: of(name) });
  const two = (a: string, b: string): Line[] => [one(a), { ...one(b), colour: "var(--line-b)", dashed: true }];
  return {
    coalition: tables.lists.sectors.map((sector, s) => ({
      name: sectorName(words, s),
      colour: SECTOR_COLOURS[s],
      values: of(`share_${sector}`),
    })),
    trust: two("trust_within", "trust_across"),
    beliefs: two("belief_in_group", "willingness"),
    hours: [one("hours_spent")],
    money: [one("fund")],
    satisfaction: two("satisfaction_mean", "satisfaction_min"),
  };
}

/** How it went, as lines. */
function Lines({ course, week, quorum, setWeek }: LinesProps): JSX.Element {
  const words = useWords();
  const lines = useMemo(() => linesOf(words, course), [words, course]);
  const shared = { weeks: course.job.weeks, week, setWeek };
  return (
    <div class="charts">
      <WeekChart {...shared} title={words.t("series.coalition")} lines={lines.coalition} top={1} percent level={quorum} />
      <WeekChart {...shared} title={words.t("series.trust")} lines={lines.trust} top={1} percent />
      <WeekChart {...shared} title={words.t("series.beliefs")} lines={lines.beliefs} top={1} percent />
      <WeekChart {...shared} title={words.t("series.hours")} lines={lines.hours} />
      <WeekChart {...shared} title={words.t("series.money")} lines={lines.money} />
      <WeekChart {...shared} title={words.t("series.satisfaction")} lines={lines.satisfaction} top={1} percent />
    </div>
  );
}
