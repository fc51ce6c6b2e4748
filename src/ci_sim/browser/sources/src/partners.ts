/** A user's own organizations, read of tables as `ci_sim.configuration.partners` reads them, and refused in the same words. */

import { Refusal } from "./sheets";
import { tables, type Given } from "./tables";

/** A table as text: its header, and rows with their number in the file (the header being row 1). */
interface Table {
  path: string;
  header: string[];
  rows: { row: number; cells: Map<string, string> }[];
}

export interface Source {
  path: string;
  cells: string[][];
}

/** Return the organizations of tables, and what no table gives.
 *
 * @throws Refusal - that names the file, the row and the column.
 */
export function readPartners(
  organizations: Source,
  ties: Source | null,
  scale: [number, number],
  sectors: string[],
  dimensions: number,
): { given: Given; assumed: string[] } {
  const table = read(organizations, ["name", "sector"], ["id", ...Object.keys(tables.traits)]);
  if (!table.header.includes("id"))
    for (const { cells } of table.rows) if (cells.has("name")) cells.set("id", cells.get("name")!);
  refuseBadOrganizations(table);
  const everyone = table.rows;
  const taking = everyone.filter(({ cells }) => sectors.includes(cells.get("sector")!));
  for (const sector of sectors) {
    if (!taking.some(({ cells }) => cells.get("sector") === sector))
      throw new Refusal("sector_without", { path: table.path, sector });
  }
  const part: Table = { ...table, rows: taking };
  const traits = Object.fromEntries(
    Object.entries(tables.traits).map(([name, limits]) => [name, numbers(part, name, ...limits)]),
  );
  const position = positions(part, dimensions);
  const pairs = ties ? tiesOf(ties, table, part, scale) : new Map<string, [number, number, number | null]>();
  const given: Given["given"] = {
    sector: taking.map(({ cells }) => tables.lists.sectors.indexOf(cells.get("sector")!)),
    ...traits,
    position,
    draw_ties: [ties ? 0 : 1],
    ties: [...pairs.values()].map(([i, j]) => [i, j]),
    tie_trust: [...pairs.values()].map(([, , trust]) => trust),
  };
  const unknown = (values: unknown[]): boolean => values.flat().includes(null);
  const assumed = Object.keys(tables.traits).filter((name) => unknown(traits[name]));
  if (unknown(position)) assumed.push("positions");
  if (!ties) assumed.push("ties");
  else if (unknown(given.tie_trust)) assumed.push("trust in ties");
  const names = (column: string): string[] => taking.map(({ cells }) => cells.get(column)!);
  const files = { organizations: organizations.path, ties: ties?.path ?? null, mapping: null, scale };
  return { given: { ids: names("id"), names: names("name"), given, files }, assumed };
}

function read({ path, cells }: Source, required: string[], optional: string[]): Table {
  const filled = cells.map((row, r) => ({ row, r })).filter(({ row }) => row.some(Boolean));
  if (!filled.length) throw new Refusal("empty", { path, columns: required.join(", ") });
  const [top, ...below] = filled;
  const header = top.row.map((name) => name.toLowerCase());
  refuseBadHeader(path, top.r, header, required, optional);
  if (!below.length) throw new Refusal("no_rows", { path });
  for (const { row, r } of below) {
    const extra = row.find((cell, place) => cell && !header[place]);
    if (extra !== undefined) throw new Refusal("extra", { path, row: String(r + 1), value: quoted(extra) });
  }
  const rows = below.map(({ row, r }) => ({
    row: r + 1,
    cells: new Map(
      header.map((name, place): [string, string] => [name, row[place] ?? ""]).filter(([name, cell]) => name && cell),
    ),
  }));
  return { path, header, rows };
}

function refuseBadHeader(path: string, top: number, header: string[], required: string[], optional: string[]): void {
  const row = String(top + 1);
  for (const column of required) {
    if (!header.includes(column))
      throw new Refusal("no_column", {
        path,
        row,
        column: quoted(column),
        columns: header.join(", "),
        near: nearest(column, header),
      });
  }
  for (const name of header.filter(Boolean)) {
    if (header.filter((other) => other === name).length > 1)
      throw new Refusal("column_twice", { path, row, column: quoted(name) });
    const near = nearest(name, [...required, ...optional], 0.8);
    if (near && near !== name) throw new Refusal("unknown_column", { path, row, column: quoted(name), near });
  }
}

/** Return the known word that is most like a word, or an empty text if none is. */
function nearest(word: string, known: string[], least = 0.6): string {
  const plain = (text: string): string => text.toLowerCase().replace(/_/g, " ");
  const alike = known.map((name) => ({ name, ratio: likeness(plain(word), plain(name)) }));
  alike.sort((a, b) => b.ratio - a.ratio || (a.name < b.name ? 1 : -1));
  return alike.length && alike[0].ratio >= least ? alike[0].name : "";
}

function refuse(
  table: Table,
  row: number,
  column: string,
  value: string | null,
  key: string,
  facts: Record<string, string> = {},
): never {
  const where = { path: table.path, row: String(row), column, what: key, ...facts };
  throw value === null ? new Refusal("cell", where) : new Refusal("cell_with", { ...where, value: quoted(value) });
}

function refuseBadOrganizations(table: Table): void {
  const { sectors } = tables.lists;
  for (const { cells } of table.rows) {
    const sector = cells.get("sector");
    if (sector !== undefined) cells.set("sector", sector.toLowerCase().replace(/[ -]+/g, "_"));
  }
  for (const { row, cells } of table.rows) {
    for (const column of ["name", "id"]) if (!cells.has(column)) refuse(table, row, column, null, `no_${column}`);
    const sector = cells.get("sector") ?? null;
    if (sector === null || !sectors.includes(sector)) {
      refuse(table, row, "sector", sector, sector === null ? "sector_missing" : "not_a_sector", {
        sectors: sectors.join(", "),
        near: nearest(sector ?? "", sectors),
      });
    }
  }
  for (const column of ["name", "id"]) {
    const seen = new Set<string>();
    for (const { row, cells } of table.rows) {
      const value = cells.get(column)!;
      if (seen.has(value)) refuse(table, row, column, value, "repeated");
      seen.add(value);
    }
  }
}

function numbers(table: Table, column: string, low: number, high: number): (number | null)[] {
  return table.rows.map(({ row, cells }) => {
    const text = cells.get(column);
    return text === undefined ? null : numberOf(table, row, column, text, low, high, "number");
  });
}

/** Return a cell as a number; a decimal comma is read as a point. */
function numberOf(table: Table, row: number, column: string, text: string, low: number, high: number, key: string): number {
  const value = Number(text.replace(/^([+-]?\d*),(\d+)$/, "$1.$2"));
  if (!(value >= low && value <= high)) refuse(table, row, column, text, key, { low: short(low), high: short(high) });
  return value;
}

/** Return a limit as the command line writes it. */
function short(limit: number): string {
  return limit >= 1e6 ? limit.toExponential().replace(/e\+(\d)$/, "e+0$1") : String(limit);
}

function positions(table: Table, dimensions: number): (number | null)[][] {
  const given = table.header.filter((name) => name.startsWith("position_"));
  const expected = given.map((_, d) => `position_${d + 1}`);
  const { path } = table;
  if (given.length > 4) throw new Refusal("positions_many", { path, row: "1", n: given.length });
  if ([...given].sort().join() !== [...expected].sort().join())
    throw new Refusal("positions_gap", { path, row: "1", columns: given.join(", ") });
  if (!given.length) return table.rows.map(() => Array<null>(dimensions).fill(null));
  const columns = expected.map((name) => numbers(table, name, 0, 1));
  return table.rows.map((_, i) => columns.map((column) => column[i]));
}

function tiesOf(
  source: Source,
  everyone: Table,
  part: Table,
  scale: [number, number],
): Map<string, [number, number, number | null]> {
  const table = read(source, ["source", "target"], ["trust"]);
  const known = new Set(everyone.rows.flatMap(({ cells }) => [cells.get("name")!, cells.get("id")!]));
  const places = new Map<string, number>();
  for (const column of ["name", "id"]) part.rows.forEach(({ cells }, place) => places.set(cells.get(column)!, place));
  const pairs = new Map<string, [number, number, number | null]>();
  for (const { row, cells } of table.rows) {
    for (const column of ["source", "target"]) {
      const who = cells.get(column) ?? null;
      if (who === null) refuse(table, row, column, null, "no_end");
      if (!known.has(who)) {
        const near = nearest(who, [...known]);
        refuse(table, row, column, who, "nobody", { organizations: everyone.path, near });
      }
    }
    const trust = statedTrust(table, row, cells.get("trust"), scale);
    const [from, to] = [cells.get("source")!, cells.get("target")!];
    const [i, j] = [places.get(from), places.get(to)];
    if (trust === undefined || i === undefined || j === undefined) continue; // "no", or a partner whose sector takes no part
    if (i === j) refuse(table, row, "target", to, "itself");
    if (pairs.has(`${i} ${j}`)) refuse(table, row, "target", to, "tie_repeated", { source: quoted(from) });
    pairs.set(`${i} ${j}`, [i, j, trust]);
  }
  return pairs;
}

/** Return trust from 0 to 1 on the declared scale, null for a tie of unstated trust, undefined for no tie. */
function statedTrust(
  table: Table,
  row: number,
  text: string | undefined,
  [low, high]: [number, number],
): number | null | undefined {
  if (text === undefined || ["yes", "true"].includes(text.toLowerCase())) return null;
  if (["no", "false"].includes(text.toLowerCase())) return undefined;
  return (numberOf(table, row, "trust", text, low, high, "trust") - low) / (high - low);
}

/** Return a text in quotes, as the command line writes it. */
function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const plain = text.replace(/\\/g, "\\\\").replace(/\t/g, "\\t").replace(/\n/g, "\\n");
  return mark + (mark === "'" ? plain.replace(/'/g, "\\'") : plain) + mark;
}

/** Return how alike two words are, 0 to 1 (Ratcliff & Obershelp 1988, as Python's difflib has it). */
export function likeness(a: string, b: string): number {
  return a.length + b.length ? (2 * matches(a, b)) / (a.length + b.length) : 1;
}

function matches(a: string, b: string): number {
  let [size, atA, atB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < b.length; j++) {
      let k = 0;
      while (i + k < a.length && j + k < b.length && a[i + k] === b[j + k]) k++;
      if (k > size) [size, atA, atB] = [k, i, j];
    }
  }
  return size ? size + matches(a.slice(0, atA), b.slice(0, atB)) + matches(a.slice(atA + size), b.slice(atB + size)) : 0;
}
