/** The state of the page in its address, so that a link shares it: `#view=watch&seed=1&week=12&who=3&scenario=…&key=value&b.scenario=…`. */

import { MOST_ORGANIZATIONS, refusal, type Plan } from "./plan";
import { tables, type Value } from "./tables";

export interface Address {
  view: string;
  seed: number;
  week: number;
  who: number | null; // the organization that is looked at
  plans: [Plan, Plan];
}

export interface Refused {
  text: string; // as it stands in the address
  why: string; // a key of the page's texts
}

export const VIEWS = ["watch", "compare", "learn", "partners", "teach"];
const MOST_WEEKS = 100_000;

/** Read an address; what cannot be is left out, and said. */
export function readAddress(hash: string, plain: Address): { address: Address; refused: Refused[] } {
  const address: Address = { ...plain, plans: [copy(plain.plans[0]), copy(plain.plans[1])] };
  const refused: Refused[] = [];
  for (const part of hash.replace(/^#/, "").split("&").filter(Boolean)) {
    const why = read(part, address);
    if (why) refused.push({ text: decoded(part), why });
  }
  return { address, refused };
}

function copy(plan: Plan): Plan {
  return { ...plan, set: { ...plan.set } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function read(part: string, address: Address): string | null {
  const [name, ...rest] = part.split("=");
  const key = decoded(name);
  const text = decoded(rest.join("="));
  if (key === "view") return take(VIEWS.includes(text), () => (address.view = text));
  if (key === "seed") return takeWhole(text, tables.parameters.seed.high!, (n) => (address.seed = n));
  if (key === "week") return takeWhole(text, MOST_WEEKS, (n) => (address.week = n));
  if (key === "who") return takeWhole(text, MOST_ORGANIZATIONS, (n) => (address.who = n));
  const second = key.startsWith("b.");
  return readPlan(second ? key.slice(2) : key, text, address.plans[second ? 1 : 0]);
}

function take(allowed: boolean, set: () => void): string | null {
  if (allowed) set();
  return allowed ? null : "not_a_choice";
}

function takeWhole(text: string, most: number, set: (n: number) => void): string | null {
  const fits = /^\d{1,16}$/.test(text) && Number(text) <= most;
  if (fits) set(Number(text));
  return fits ? null : "out_of_range";
}

function readPlan(key: string, text: string, plan: Plan): string | null {
  if (key === "scenario") return take(text in tables.scenarios, () => (plan.scenario = text));
  if (key === "population") {
    return take(text === "synthetic" || text === "own" || text in tables.populations, () => (plan.population = text));
  }
  let value: Value;
  try {
    value = JSON.parse(text) as Value;
  } catch {
    value = text;
  }
  const why = refusal(key, value);
  if (why === null) plan.set[key] = value;
  return why;
}

/** Return the address of a state; the second plan is told where it matters. */
export function writeAddress(address: Address): string {
  const parts: [string, string][] = [
    ["view", address.view],
    ["seed", String(address.seed)],
  ];
  if (address.week) parts.push(["week", String(address.week)]);
  if (address.who !== null) parts.push(["who", String(address.who)]);
  parts.push(...ofPlan(address.plans[0], ""), ...(address.view === "compare" ? ofPlan(address.plans[1], "b.") : []));
  return (
    "#" +
    parts
      .map(([key, value]) => `${key}=${encodeURIComponent(value).replace(/%2C/g, ",").replace(/%5B/g, "[").replace(/%5D/g, "]")}`)
      .join("&")
  );
}

function ofPlan(plan: Plan, prefix: string): [string, string][] {
  const own = Object.entries(plan.set).map(([key, value]): [string, string] => [
    prefix + key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return [[`${prefix}scenario`, plan.scenario], [`${prefix}population`, plan.population], ...own];
}
