/** Cells of a table that a user opened: CSV, or the first sheet of an XLSX workbook. Nothing in it is run. */

import { unzipSync } from "fflate";
import Papa from "papaparse";

const MOST_BYTES = 5_000_000; // of a file
const MOST_UNPACKED = 50_000_000; // of what a workbook unpacks to

/** Why a file cannot be read: a key of the texts below `partners`, with its facts. */
export class Refusal extends Error {
  constructor(
    readonly key: string,
    readonly facts: Record<string, string | number>,
  ) {
    super(key);
  }
}

/** Return the cells of a file, without the space around them. */
export async function cellsOf(file: File): Promise<string[][]> {
  const path = file.name;
  if (file.size > MOST_BYTES) throw new Refusal("too_large", { path });
  const bytes = new Uint8Array(await file.arrayBuffer());
  const rows = path.toLowerCase().endsWith(".xlsx") ? ofWorkbook(bytes, path) : ofText(bytes, path);
  return rows.map((row) => row.map((cell) => cell.trim()));
}

function ofText(bytes: Uint8Array, path: string): string[][] {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal("not_utf8", { path });
  }
  const lines = text.split(/\r\n|\r|\n/);
  if (/^sep=.\s*$/.test(lines[0])) lines[0] = ""; // a line that Excel writes for itself
  const first = lines.find((line) => line.trim()) ?? "";
  const count = (mark: string): number => first.split(mark).length;
  const delimiter = [",", ";", "\t"].reduce((most, mark) => (count(mark) > count(most) ? mark : most));
  return Papa.parse<string[]>(lines.join("\n"), { delimiter }).data;
}

function ofWorkbook(bytes: Uint8Array, path: string): string[][] {
  try {
    let unpacked = 0;
    const parts = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        const wanted = /^xl\/(workbook|sharedStrings|_rels\/workbook|worksheets\/[^/]+)\.xml(\.rels)?$/.test(name);
        if (wanted) unpacked += originalSize;
        if (unpacked > MOST_UNPACKED) throw new Refusal("too_large", { path });
        return wanted;
      },
    });
    const xml = (name: string): Document | null =>
      parts[name] ? new DOMParser().parseFromString(new TextDecoder().decode(parts[name]), "application/xml") : null;
    const shared = texts(xml("xl/sharedStrings.xml"), "si");
    return cellsOfSheet(xml(firstSheet(xml))!, shared);
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal("unreadable", { path });
  }
}

function firstSheet(xml: (name: string) => Document | null): string {
  const id = xml("xl/workbook.xml")!.getElementsByTagName("sheet")[0].getAttribute("r:id");
  const relations = [...xml("xl/_rels/workbook.xml.rels")!.getElementsByTagName("Relationship")];
  const target = relations.find((relation) => relation.getAttribute("Id") === id)!.getAttribute("Target")!;
  return target.startsWith("/") ? target.slice(1) : `xl/${target}`;
}

function texts(document: Document | null, tag: string): string[] {
  return document ? [...document.getElementsByTagName(tag)].map(textOf) : [];
}

/** Return the text of an element, without what is said of its pronunciation. */
function textOf(element: Element): string {
  const parts = [...element.getElementsByTagName("t")].filter((t) => (t.parentNode as Element).tagName !== "rPh");
  return parts.map((t) => t.textContent).join("");
}

function cellsOfSheet(sheet: Document, shared: string[]): string[][] {
  const rows: string[][] = [];
  for (const row of sheet.getElementsByTagName("row")) {
    const cells: string[] = [];
    for (const cell of row.getElementsByTagName("c")) {
      cells[columnOf(cell.getAttribute("r") ?? "", cells.length)] = valueOf(cell, shared);
    }
    rows[Number(row.getAttribute("r") ?? rows.length + 1) - 1] = Array.from(cells, (cell) => cell ?? "");
  }
  return Array.from(rows, (row) => row ?? []);
}

function columnOf(reference: string, next: number): number {
  const letters = /^[A-Z]+/.exec(reference)?.[0];
  return letters ? [...letters].reduce((sum, letter) => 26 * sum + letter.charCodeAt(0) - 64, 0) - 1 : next;
}

function valueOf(cell: Element, shared: string[]): string {
  const kind = cell.getAttribute("t");
  if (kind === "inlineStr") return textOf(cell);
  const value = cell.getElementsByTagName("v")[0]?.textContent ?? "";
  if (kind === "s") return shared[Number(value)] ?? "";
  if (kind === "b") return value === "1" ? "True" : "False";
  return value;
}
