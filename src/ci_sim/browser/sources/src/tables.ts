/** What Python says of the rules (`ci_sim.browser.tables`): where everything lies, and what can be set. */

export type Value = number | boolean | string | null | Value[];

export interface Parameter {
  value: Value;
  unit?: string;
  low?: number;
  high?: number;
  span?: [number, number] | null;
  whole?: boolean;
  varying?: boolean;
  choices?: string[];
}

export type FieldPlace = [place: number, type: string, count: number];

export interface Layout {
  size: number;
  fields: Record<string, FieldPlace>;
}

/** Organizations as the rules are given them; null is drawn anew in each run. */
export interface Given {
  ids: string[];
  names: string[];
  given: {
    sector: number[];
    position: (number | null)[][];
    draw_ties: number[];
    ties: [number, number][];
    tie_trust: (number | null)[];
    [trait: string]: unknown;
  };
  files?: Files; // where a user's own come from
}

export interface Files {
  organizations: string;
  ties: string | null;
  mapping: string | null; // that says what some words of them mean
  scale: [lowest: number, highest: number]; // of trust
}

/** An event with a date that a plan may hold. */
export interface Dated {
  typed: Record<string, Value>; // as a plan's file says it
  row: [week: number, kind: number, size: number, weeks: number];
  who: string[]; // ids of the organizations that it is about: none, one, or two
}

export interface Tables {
  arrays: [name: string, type: string, dimensions: number, place: number][];
  shapes: [plus: number, perOrganization: number, perTie: number, perWeek: number, step: number][][];
  records: Record<string, Layout>;
  table: number;
  weeks: number;
  acts: string[];
  rows: Record<"outcomes" | "series" | "considered", string[]>;
  lists: Record<string, string[]>;
  traits: Record<string, [low: number, high: number]>; // columns of a table of organizations, with what is allowed
  rules: Record<string, string>;
  parameters: Record<string, Parameter>;
  scenarios: Record<string, Record<string, Value>>;
  events: Record<string, Record<string, Value>>; // what each sets, as it is ready
  populations: Record<string, Given & { sets: Record<string, Value> }>;
}

export let tables: Tables;
export let dated: Dated[]; // all that the page begins with

/** Take the tables, before anything else is asked. */
export function readTables(given: Tables, happenings: Dated[] = []): void {
  tables = given;
  dated = happenings;
}
