/** The four insights as chapters: which plans each compares, and where it goes the other way. The words are in the texts. */

import type { Plan } from "./plan";
import type { Value } from "./tables";

export type Bet = "more" | "same" | "less";

export interface Chapter {
  id: string;
  plans: [Plan, Plan]; // without, and with what the insight adds
  elsewhere: [Plan, Plan]; // where it goes the other way
}

function plan(scenario: string, set: Record<string, Value> = {}): Plan {
  return { scenario, population: "synthetic", set };
}

/** Components that ask twice as much time of each member. */
const DEMANDING = { "components.upkeep": 0.5 };

/** A rule that counts only what two partners have signed between themselves. */
const BETWEEN_TWO = { "charter.signs": false };

export const CHAPTERS: Chapter[] = [
  {
    id: "stages",
    plans: [plan("baseline"), plan("preliminary_stages")],
    elsewhere: [plan("direct_launch"), plan("four_insights")],
  },
  {
    id: "kinds",
    plans: [plan("baseline"), plan("kinds_in_sequence")],
    elsewhere: [plan("baseline", DEMANDING), plan("kinds_in_sequence", DEMANDING)],
  },
  {
    id: "sixth",
    plans: [plan("baseline"), plan("sixth_component")],
    elsewhere: [plan("baseline", BETWEEN_TWO), plan("sixth_component", BETWEEN_TWO)],
  },
  {
    id: "ties",
    plans: [plan("baseline"), plan("intra_sector")],
    elsewhere: [plan("direct_launch", { "intra_sector.every": false }), plan("direct_launch")],
  },
];

/** What a reader bet on a chapter, and what came out: the difference of the chance to form, in points, with half its interval. */
export interface Answer {
  bet: Bet;
  points: number;
  half: number;
}

export type Answers = Record<string, Answer>;

const LETTERS: Record<Bet, string> = { more: "m", same: "s", less: "l" };
const BETS: Record<string, Bet> = { m: "more", s: "same", l: "less" };

/** Return what a reader gives the teacher: the luck and all answers in a line that can be typed, with a check. */
export function codeOf(luck: number, answers: Answers): string {
  const parts = CHAPTERS.map(({ id }) => {
    const answer = answers[id];
    return answer ? `${LETTERS[answer.bet]}${Math.round(answer.points)}w${Math.round(answer.half)}` : "x";
  });
  const text = `${luck}.${parts.join(".")}`;
  return `CI-${text}-${check(text)}`;
}

/** Read a code; null if it is none, or was mistyped. */
export function readCode(code: string): { luck: number; answers: Answers } | null {
  const found = /^CI-((\d+)((?:\.(?:x|[msl]-?\d{1,3}w\d{1,3}))+))-(\d{2})$/i.exec(code.trim());
  if (!found || check(found[1].toLowerCase()) !== found[4]) return null;
  const parts = found[3].toLowerCase().split(".").slice(1);
  if (parts.length !== CHAPTERS.length) return null;
  const answers: Answers = {};
  parts.forEach((part, i) => {
    const read = /^([msl])(-?\d+)w(\d+)$/.exec(part);
    if (read) answers[CHAPTERS[i].id] = { bet: BETS[read[1]], points: Number(read[2]), half: Number(read[3]) };
  });
  return { luck: Number(found[2]), answers };
}

/** Two digits that change with any letter that is mistyped. */
function check(text: string): string {
  const sum = [...text].reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) % 97, 7);
  return String(sum).padStart(2, "0");
}

/** Return what came out, in the terms of the bet. */
export function cameOut({ points, half }: { points: number; half: number }): Bet {
  return points - half > 0 ? "more" : points + half < 0 ? "less" : "same";
}
