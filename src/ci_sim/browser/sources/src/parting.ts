/** Where two runs on the same luck part: the first week in which some organization decides otherwise. */

import { MEMBER, type Consideration, type Course } from "./course";
import { mainDifference } from "./reasons";

export interface Parting {
  week: number;
  who: number[]; // the organizations that decide otherwise
  decision: string; // what they decide: a field of an organization
  inFirst: number[]; // what they decide in the first run
  weighed: [Consideration | null, Consideration | null]; // of the first of them
  reason: string | null; // of tables.rows.considered
}

const DECISIONS = ["membership", "signatory", "federated", "intends", "mandate"];

/** Return the first week in which one of some decisions differs, or null. */
export function parting(a: Course, b: Course, decisions = DECISIONS): Parting | null {
  if (a.job.partners.ids.join() !== b.job.partners.ids.join()) return null;
  const size = a.job.partners.ids.length;
  for (let week = 1; week <= Math.min(a.last, b.last); week++) {
    for (const decision of decisions) {
      const of = (course: Course): number[] => course.weeks[week].state.column("state.orgs", decision);
      const [inA, inB] = [of(a), of(b)];
      const who = Array.from({ length: size }, (_, i) => i).filter(
        (i) => inA[i] !== inB[i] && comparable(a, b, week, i, decision),
      );
      if (who.length) return partingOf(a, b, week, who, decision, inA);
    }
  }
  return null;
}

/** Return where two runs part: first in any decision, and first in whether one would commit, if that is another. */
export function partings(a: Course, b: Course): Parting[] {
  const first = parting(a, b);
  const willing = first && first.decision !== "intends" ? parting(a, b, ["intends"]) : null;
  return [first, willing].filter((part) => part !== null);
}

/** Whether both could decide: what someone who is outside in one of the runs would do is no decision. */
function comparable(a: Course, b: Course, week: number, i: number, decision: string): boolean {
  const inside = (course: Course): boolean => course.weeks[week].state.field("state.orgs", i, "membership") === MEMBER;
  return decision === "membership" || (inside(a) && inside(b));
}

function partingOf(a: Course, b: Course, week: number, who: number[], decision: string, inA: number[]): Parting {
  const weighed: Parting["weighed"] = [a.considerations(week)[who[0]], b.considerations(week)[who[0]]];
  const both = weighed[0] !== null && weighed[1] !== null;
  const reason = both && decision === "intends" ? mainDifference(weighed[0]!, weighed[1]!) : null;
  return { week, who, decision, inFirst: who.map((i) => inA[i]), weighed, reason };
}
