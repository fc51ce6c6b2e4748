/** One run, week by week: everything that it is at the end of each week, what happened in it, and what its members weighed. */

import { Engine, type Arrays, type Job } from "./memory";
import { tables } from "./tables";

export const UNINVITED = 0;
export const MEMBER = 1;
export const LEFT = 2;
export const LAUNCHED = 4;
const STEP_KEPT = 1;
const STEP_BROKEN = 2;
const NOBODY = -1;

export interface Tie {
  a: number;
  b: number;
  trust: number; // the lesser of both sides
  agreement: number; // rung of the ladder
}

export interface Happening {
  week: number;
  what: string; // a key of the page's texts, below `log`
  who?: number; // organizations
  whom?: number;
  sector?: number;
  event?: string;
  size?: number;
}

export interface Week {
  state: Arrays;
  series: Float64Array; // in the order of tables.rows.series
  ties: Tie[];
  happenings: Happening[];
}

/** What a member weighs, by the names of tables.rows.considered. */
export type Consideration = Record<string, number>;

export class Course {
  readonly weeks: Week[] = []; // the first is before the first week
  readonly outcomes: Record<string, number>;
  private readonly considered = new Map<number, (Consideration | null)[]>();

  constructor(
    private readonly engine: Engine,
    readonly job: Job,
    seed: number,
  ) {
    engine.layOut(job, [seed]);
    engine.act("seed", 0, 1);
    engine.act("begin", 0, 1);
    this.weeks.push(this.look());
    while (this.weeks.length <= job.weeks && !this.collapsed) {
      engine.act("week", 0, 1);
      this.weeks.push(this.look());
    }
    engine.act("end", 0, 1);
    this.outcomes = named("outcomes", engine.numbers("outcomes"));
  }

  /** The last week that there is. */
  get last(): number {
    return this.weeks.length - 1;
  }

  /** Return what each member weighed in a week, and null for who was none: the week is done again. */
  considerations(week: number): (Consideration | null)[] {
    const known = this.considered.get(week);
    if (known) return known;
    this.engine.putBack(this.weeks[week - 1].state);
    this.engine.act("consider", 0, 1);
    const width = tables.rows.considered.length;
    const numbers = this.engine.numbers("considered");
    const all = this.job.partners.ids.map((_, i) => {
      const row = named("considered", numbers.subarray(i * width, (i + 1) * width));
      return Number.isNaN(row.salience) ? null : row;
    });
    this.considered.set(week, all);
    return all;
  }

  private get collapsed(): boolean {
    return this.engine.arrays.field("state.initiative", 0, "collapsed") === 1;
  }

  private look(): Week {
    const state = this.engine.keep();
    const week: Week = {
      state,
      series: this.engine.numbers("series"),
      ties: this.tiesNow(),
      happenings: [],
    };
    const before = this.weeks[this.weeks.length - 1];
    if (before) week.happenings = happenings(before.state, state, this.job);
    return week;
  }

  private tiesNow(): Tie[] {
    const now = this.engine.arrays;
    const count = now.column("state.orgs", "degree").reduce((a, b) => a + b, 0) / 2;
    return Array.from({ length: count }, (_, row) => ({
      a: now.number("pairs", row, 0),
      b: now.number("pairs", row, 1),
      trust: Math.min(now.number("trust", row, 0), now.number("trust", row, 1)),
      agreement: now.number("agreements", row),
    }));
  }
}

function named(row: "outcomes" | "considered", numbers: Float64Array): Record<string, number> {
  return Object.fromEntries(tables.rows[row].map((name, i) => [name, numbers[i]]));
}

/** Return a value of the weekly series. */
export function seriesValue(week: Week, name: string): number {
  return week.series[tables.rows.series.indexOf(name)];
}

/** What an organization's fields say when they change from 0 to 1, and back. */
const TURNS: [field: string, on: string, off: string][] = [
  ["signatory", "signed", "suspended"],
  ["federated", "federated", "unfederated"],
  ["mandate", "mandated", "unmandated"],
  ["committed", "commits", "withdraws"],
];

/** A happening, before it is told when. */
type What = Omit<Happening, "week">;

function happenings(before: Arrays, now: Arrays, job: Job): Happening[] {
  const week = now.field("state.initiative", 0, "week");
  const found: What[] = [...ofInitiative(before, now), ...ofEvents(week, job), ...ofSectors(before, now)];
  job.partners.ids.forEach((_, who) => {
    const was = before.field("state.orgs", who, "membership");
    const is = now.field("state.orgs", who, "membership");
    if (is !== was) found.push({ what: is === MEMBER ? "joined" : "left", who });
    for (const [field, on, off] of TURNS) {
      const change = now.field("state.orgs", who, field) - before.field("state.orgs", who, field);
      if (change && is === MEMBER) found.push({ what: change > 0 ? on : off, who });
    }
  });
  return [...found, ...ofMeetings(now)].map((happening) => ({ ...happening, week }));
}

function ofInitiative(before: Arrays, now: Arrays): What[] {
  const is = (field: string, index = 0): number => now.field("state.initiative", 0, field, index);
  const was = (field: string, index = 0): number => before.field("state.initiative", 0, field, index);
  const found: What[] = [];
  if (is("stage") !== was("stage")) found.push({ what: is("stage") === LAUNCHED ? "launched" : "stage", size: is("stage") });
  if (is("charter_week") && !was("charter_week")) found.push({ what: "charter" });
  if (!is("charter_week") && was("charter_week")) found.push({ what: "charter_lapsed" });
  if (is("called") && !was("called")) found.push({ what: "called" });
  if (is("funding_week") && !was("funding_week")) found.push({ what: "funded" });
  if (is("pilots") > was("pilots")) {
    found.push({ what: is("pilots_came_off") > was("pilots_came_off") ? "pilot_came_off" : "pilot_failed" });
  }
  if (is("effort_weeks") > was("effort_weeks")) {
    found.push({ what: is("came_off") > was("came_off") ? "effort_came_off" : "effort_failed" });
  }
  if (is("formed") > was("formed")) found.push({ what: "formed" });
  else if (is("standing") > was("standing")) found.push({ what: "stands_again" });
  if (is("standing") < was("standing")) found.push({ what: "broken_off" });
  if (is("collapsed") > was("collapsed")) found.push({ what: "collapsed" });
  return found;
}

function ofEvents(week: number, job: Job): What[] {
  const ofAll = tables.lists.events.length;
  return job.events
    .filter(([when]) => Math.max(1, when) === week)
    .map(([, kind, size, , who, whom]) =>
      kind < ofAll
        ? { what: "event", event: tables.lists.events[kind], size }
        : { what: `happens_${tables.lists.events_of_one[kind - ofAll]}`, who, whom: whom === NOBODY ? undefined : whom, size },
    );
}

function ofSectors(before: Arrays, now: Arrays): What[] {
  return tables.lists.sectors.flatMap((_, sector) => {
    const is = (field: string): number => now.field("state.initiative", 0, field, sector);
    const was = (field: string): number => before.field("state.initiative", 0, field, sector);
    const found: What[] = [];
    if (is("federation_week") && !was("federation_week")) found.push({ what: "sector_charter", sector });
    if (!is("federation_week") && was("federation_week")) found.push({ what: "sector_charter_lapsed", sector });
    if (is("spokesperson") !== was("spokesperson") && is("spokesperson") !== NOBODY) {
      found.push({ what: "spokesperson", sector, who: is("spokesperson") });
    }
    return found;
  });
}

function ofMeetings(now: Arrays): What[] {
  const count = now.field("state.initiative", 0, "meetings");
  return Array.from({ length: count }, (_, m) => m).flatMap((m) => {
    const result = now.number("state.meetings", m, 2);
    if (result !== STEP_KEPT && result !== STEP_BROKEN) return [];
    const [who, whom] = [now.number("state.meetings", m, 0), now.number("state.meetings", m, 1)];
    return [{ what: result === STEP_KEPT ? "step_kept" : "step_broken", who, whom }];
  });
}
