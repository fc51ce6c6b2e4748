/** A plan: a ready scenario, a population, and what was set besides. From it come the job that runs, a link and a file. */

import { newRecord, type Job } from "./memory";
import { dated, tables, type Given, type Parameter, type Value } from "./tables";

export interface Plan {
  scenario: string;
  population: string; // "synthetic", one of tables.populations, or "own"
  set: Record<string, Value>;
}

export type Values = Record<string, Value>;

/** The key of which events with a date are in a plan, by their places among all. */
export const HAPPENINGS = "happenings";
const OF_TIES = ["draw_ties", "ties", "tie_trust"];
export const OWN = "own";
export const MOST_ORGANIZATIONS = 500; // that a page shows

/** Return all values of a plan, by key. */
export function valuesOf(plan: Plan): Values {
  const values: Values = { [HAPPENINGS]: [] };
  for (const [key, { value }] of Object.entries(tables.parameters)) values[key] = value;
  return {
    ...values,
    ...(tables.populations[plan.population]?.sets ?? {}),
    ...(tables.scenarios[plan.scenario] ?? {}),
    ...plan.set,
  };
}

/** Return a plan with another value of a key; one that it would have anyway is not kept. */
export function withValue(plan: Plan, key: string, value: Value): Plan {
  const set = { ...plan.set };
  delete set[key];
  const plain = valuesOf({ ...plan, set })[key];
  return { ...plan, set: same(plain, value) ? set : { ...set, [key]: value } };
}

export function same(a: Value, b: Value): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Return whether two plans give the same runs. */
export function samePlan(a: Plan, b: Plan): boolean {
  return a.population === b.population && same(Object.values(valuesOf(a)), Object.values(valuesOf(b)));
}

/** Return what runs of a plan need. */
export function jobOf(plan: Plan, own: Given | null): Job {
  const values = valuesOf(plan);
  const partners = partnersOf(plan, values, own);
  const maxTies = Math.max(values["population.max_ties"] as number, busiest(partners.given));
  const events = [...eventsOf(values), ...happeningsOf(values, partners.ids)];
  return { partners, maxTies, rules: rulesOf(values), events, weeks: values["weeks"] as number };
}

function partnersOf(plan: Plan, values: Values, own: Given | null): Given {
  const ready = plan.population === OWN ? own : tables.populations[plan.population];
  return ready ? only(ready, values["sectors"] as string[]) : synthetic(values);
}

/** Return those organizations whose sectors take part, with the ties between them. */
function only(all: Given, sectors: string[]): Given {
  const taking = all.given.sector.map((s) => sectors.includes(tables.lists.sectors[s]));
  if (taking.every(Boolean)) return all;
  const kept = <T>(list: T[]): T[] => list.filter((_, i) => taking[i]);
  const place = new Map(kept(all.ids.map((_, i) => i)).map((old, i) => [old, i]));
  const between = all.given.ties.map(([i, j]) => taking[i] && taking[j]);
  const given: Given["given"] = { ...all.given };
  for (const [name, column] of Object.entries(all.given)) {
    if (!OF_TIES.includes(name)) given[name] = kept(column as unknown[]);
  }
  given.ties = all.given.ties.filter((_, e) => between[e]).map(([i, j]) => [place.get(i)!, place.get(j)!]);
  given.tie_trust = all.given.tie_trust.filter((_, e) => between[e]);
  return { ids: kept(all.ids), names: kept(all.names), given };
}

/** Return with how many others the busiest organization has a tie from the start. */
function busiest(given: Given["given"]): number {
  const partners = given.sector.map(() => new Set<number>());
  for (const [i, j] of given.ties) {
    partners[i].add(j);
    partners[j].add(i);
  }
  return Math.max(0, ...partners.map((set) => set.size));
}

/** Organizations that are drawn: the sizes of the sectors are the shares of the size, rounded by largest remainder. */
function synthetic(values: Values): Given {
  const sectors = tables.lists.sectors;
  const size = values["population.size"] as number;
  const shares = sectors.map((s) =>
    (values["sectors"] as string[]).includes(s) ? (values[`population.share_${s}`] as number) : 0,
  );
  const whole = shares.reduce((a, b) => a + b, 0);
  const exact = shares.map((share) => (share / whole) * size);
  const counts = exact.map(Math.floor);
  const missing = size - counts.reduce((a, b) => a + b, 0);
  const next = sectors.map((_, s) => s).sort((a, b) => counts[a] - exact[a] - (counts[b] - exact[b]));
  next.slice(0, missing).forEach((s) => counts[s]++);
  const sector = counts.flatMap((count, s) => Array<number>(count).fill(s));
  const ids = counts.flatMap((count, s) => Array.from({ length: count }, (_, k) => `${sectors[s].slice(0, 3)}-${k + 1}`));
  const unknown = (): null[] => Array<null>(size).fill(null);
  const position = Array.from({ length: size }, () => Array<null>(values["population.dimensions"] as number).fill(null));
  return {
    ids,
    names: ids,
    given: {
      sector,
      ...Object.fromEntries(Object.keys(tables.traits).map((name) => [name, unknown()])),
      position,
      draw_ties: [1],
      ties: [],
      tie_trust: [],
    },
  };
}

function eventsOf(values: Values): number[][] {
  return tables.lists.events.flatMap((name, kind) => {
    const of = (what: string): Value => values[`events.${name}.${what}`] ?? 1;
    return of("active") === true ? [[of("week"), kind, of("size"), of("weeks"), -1, -1] as number[]] : [];
  });
}

/** Return the events with a date as the rules read them, but for those about organizations that do not take part. */
function happeningsOf(values: Values, ids: string[]): number[][] {
  const place = new Map(ids.map((id, i) => [id, i]));
  return (values[HAPPENINGS] as number[])
    .map((which) => dated[which])
    .filter(({ who }) => who.every((id) => place.has(id)))
    .map(({ row, who }) => [...row, ...who.map((id) => place.get(id)!), -1, -1].slice(0, 6));
}

/** Return whether a plan strengthens a sector: by itself, or with every sector that takes part. */
export function strengthened(values: Values, sector: string): boolean {
  const takesPart = (values["sectors"] as string[]).includes(sector);
  return values[`intra_sector.${sector}.active`] === true || (values["intra_sector.every"] === true && takesPart);
}

/** Return the record that the rules read, as `ci_sim.rules.record.rules_from` makes it. */
function rulesOf(values: Values): ArrayBuffer {
  const { sectors, stages, components, parts, levels, profile, contexts } = tables.lists;
  const has = (key: string, word: string): number => Number((values[key] as string[]).includes(word));
  const record: Record<string, number | number[]> = {};
  for (const [key, name] of Object.entries(tables.rules)) record[name] = Number(values[key]);
  const first = values["sequence.first"] as string[];
  const start = 1 + (first.length ? (values["sequence.weeks"] as number) : 0);
  record.start_week = start;
  for (const name of stages) {
    record[name] = values[`stages.${name}.active`] ? (values[`stages.${name}.strength`] as number) : 0;
  }
  for (const name of components) {
    const of = (what: string): Value => values[`components.${name}.${what}`];
    const atWork = of("active") && !has("components.without", of("kind") as string);
    record[name] = atWork ? (of("strength") as number) : 0;
    record[`${name}_from`] = Math.max(of("from_week") as number, start);
    record[`${name}_until`] = of("until_week") as number;
  }
  record.calendar = Number(values["stages.admission"] === "calendar");
  for (const part of parts) record[part] = has("components.trust_and_agreements.parts", part);
  const each = (number: (sector: string) => number): number[] => sectors.map(number);
  const strengthening = (what: string) => (sector: string) => values[`intra_sector.${sector}.${what}`] as number;
  record.strengthening = each((sector) => (strengthened(values, sector) ? strengthening("strength")(sector) : 0));
  record.strengthening_from = each(strengthening("from_week"));
  record.strengthening_until = each(strengthening("until_week"));
  for (const level of levels) record[`sector_${level}`] = each((sector) => has(`intra_sector.${sector}.levels`, level));
  for (const trait of profile) record[`profile_${trait}`] = each((sector) => values[`population.${sector}.${trait}`] as number);
  record.first = each((sector) => Number(first.includes(sector)));
  const required = values["commitment.required_sectors"] === null ? "sectors" : "commitment.required_sectors";
  record.required = each((sector) => has(required, sector));
  const range = contexts.map((name) => [values[`context.${name}`]].flat() as number[]);
  record.context_low = range.map((ends) => ends[0]);
  record.context_high = range.map((ends) => ends[ends.length - 1]);
  return newRecord(tables.records.rules, record);
}

/** Return why a value cannot be one of a key (a key of the page's texts), or null. */
export function refusal(key: string, value: Value): string | null {
  if (key === HAPPENINGS) {
    const places = Array.isArray(value) ? value : [null];
    return places.every((which) => Number.isInteger(which) && dated[which as number]) ? null : "not_a_choice";
  }
  const parameter = tables.parameters[key];
  if (!parameter) return "unknown_key";
  if (parameter.choices) return parameter.choices.includes(value as string) ? null : "not_a_choice";
  if (parameter.low !== undefined) return numbersFit(parameter, value) ? null : "out_of_range";
  if (typeof parameter.value === "boolean") return typeof value === "boolean" ? null : "not_a_switch";
  const list = value === null && key === "commitment.required_sectors" ? [] : value;
  const allowed = wordsOf(key);
  return Array.isArray(list) && list.every((word) => allowed.includes(word as string)) ? null : "not_a_choice";
}

function numbersFit(parameter: Parameter, value: Value): boolean {
  const numbers = parameter.varying && Array.isArray(value) ? value : [value];
  const fit = numbers.every((v) => typeof v === "number" && v >= parameter.low! && v <= parameter.high!);
  const whole = !parameter.whole || Number.isInteger(value);
  return fit && whole && (!Array.isArray(value) || (value.length === 2 && (value[0] as number) <= (value[1] as number)));
}

/** Return the words that a list of a key may hold. */
export function wordsOf(key: string): string[] {
  const { sectors, kinds, parts, levels } = tables.lists;
  if (key.endsWith(".parts")) return parts;
  if (key.endsWith(".levels")) return levels;
  return key === "components.without" ? kinds : sectors;
}

/** Return why a plan as a whole cannot run (a key of the page's texts), or null. */
export function impossible(plan: Plan, own: Given | null): string | null {
  const values = valuesOf(plan);
  const sectors = values["sectors"] as string[];
  if (!sectors.length) return "no_sector";
  if (plan.population === OWN && own && own.ids.length > MOST_ORGANIZATIONS) return "too_many";
  if (plan.population !== "synthetic") return null;
  if (!(sectors.reduce((sum, sector) => sum + (values[`population.share_${sector}`] as number), 0) > 0)) return "no_shares";
  const size = values["population.size"] as number;
  if (size < sectors.length) return "too_few";
  return size > MOST_ORGANIZATIONS ? "too_many" : null;
}

/** Return a plan as the YAML file that `ci-sim run plan=FILE` takes, beside the tables of one's own partners. */
export function asYaml(plan: Plan, seed: number, own: Given | null): string {
  const files = plan.population === OWN ? own?.files : undefined;
  const lines = [`scenario: ${plan.scenario}`, `population: ${files ? "from_files" : plan.population}`];
  if (files) {
    const { organizations, scale } = files;
    lines.push(`organizations: ${JSON.stringify(organizations)}`, `population.trust_scale: ${JSON.stringify(scale)}`);
  }
  if (files?.ties) lines.push(`ties: ${JSON.stringify(files.ties)}`);
  if (files?.mapping) lines.push(`mapping: ${JSON.stringify(files.mapping)}`);
  for (const key of Object.keys(plan.set).sort()) {
    const value = key === HAPPENINGS ? (plan.set[key] as number[]).map((which) => dated[which].typed) : plan.set[key];
    lines.push(`${key}: ${JSON.stringify(value)}`);
  }
  return [...lines, `seed: ${seed}`, ""].join("\n");
}
