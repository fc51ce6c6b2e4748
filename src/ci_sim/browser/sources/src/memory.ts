/** The memory of the rules' module: arrays laid out in it, records read in place, weeks kept and put back. */

import { tables, type Given, type Layout } from "./tables";

const LINE = 64; // bytes: where arrays begin
const PAGE = 65536; // bytes by which the memory grows

/** One scenario, ready to run. */
export interface Job {
  partners: Given;
  maxTies: number; // that an organization keeps at most
  rules: ArrayBuffer;
  events: number[][];
  weeks: number;
}

interface Exports {
  memory: WebAssembly.Memory;
  act: (table: number, what: number, first: number, last: number) => number;
  __heap_base: WebAssembly.Global;
}

export interface Place {
  at: number;
  type: string;
  shape: number[];
}

const SIZES: Record<string, number> = { f8: 8, f4: 4, i8: 8, i4: 4, u4: 4, i2: 2, i1: 1, u1: 1 };

/** Return the number of a type at an address. */
function numberAt(view: DataView, type: string, at: number): number {
  switch (type) {
    case "f8":
      return view.getFloat64(at, true);
    case "f4":
      return view.getFloat32(at, true);
    case "i8":
      return Number(view.getBigInt64(at, true));
    case "i4":
      return view.getInt32(at, true);
    case "u4":
      return view.getUint32(at, true);
    case "i2":
      return view.getInt16(at, true);
    case "i1":
      return view.getInt8(at);
    case "u1":
      return view.getUint8(at);
  }
  throw new Error(`a type without a reader: ${type}`);
}

/** Write a number of a type at an address. */
export function setNumberAt(view: DataView, type: string, at: number, value: number): void {
  if (type === "f8") view.setFloat64(at, value, true);
  else if (type === "i8") view.setBigInt64(at, BigInt(value), true);
  else if (type === "i4") view.setInt32(at, value, true);
  else throw new Error(`a type without a writer: ${type}`);
}

/** Some bytes in which arrays lie: the module's memory, or a week of it that was kept. */
export class Arrays {
  private readonly view: DataView;

  constructor(
    readonly buffer: ArrayBuffer,
    private readonly from: number,
    private readonly places: Map<string, Place>,
  ) {
    this.view = new DataView(buffer);
  }

  /** Return a number of an array of numbers. */
  number(array: string, ...index: number[]): number {
    const { at, type, shape } = this.place(array);
    let row = 0;
    index.forEach((i, d) => (row = row * shape[d] + i));
    return numberAt(this.view, type, at - this.from + row * SIZES[type]);
  }

  /** Return a number of a record of an array, the one at `index` of a field that is several. */
  field(array: string, row: number, field: string, index = 0): number {
    const { at, type } = this.place(array);
    const layout = tables.records[type];
    const [place, kind] = layout.fields[field];
    return numberAt(this.view, kind, at - this.from + row * layout.size + place + index * SIZES[kind]);
  }

  /** Return what stands in a field of all records of an array. */
  column(array: string, field: string, index = 0): number[] {
    const rows = this.place(array).shape.reduce((a, b) => a * b, 1);
    return Array.from({ length: rows }, (_, row) => this.field(array, row, field, index));
  }

  private place(array: string): Place {
    const place = this.places.get(array);
    if (!place) throw new Error(`there is no array ${array}`);
    return place;
  }
}

/** Return a record of zeros with numbers set, by field and place in it. */
export function newRecord(layout: Layout, values: Record<string, number | number[]>): ArrayBuffer {
  const buffer = new ArrayBuffer(layout.size);
  const view = new DataView(buffer);
  for (const [name, value] of Object.entries(values)) {
    const [place, type] = layout.fields[name];
    (Array.isArray(value) ? value : [value]).forEach((v, i) => setNumberAt(view, type, place + i * SIZES[type], v));
  }
  return buffer;
}

/** An instance of the module, with one job laid out in its memory. */
export class Engine {
  private readonly exports: Exports;
  private places = new Map<string, Place>();
  private table = 0;
  private stateEnd = 0;

  constructor(module: WebAssembly.Module) {
    this.exports = new WebAssembly.Instance(module, {}).exports as unknown as Exports;
  }

  /** Lay out a job for some seeds. */
  layOut(job: Job, seeds: number[]): void {
    this.places = new Map();
    let end: number = this.exports.__heap_base.value;
    const table = new BigInt64Array(tables.table);
    for (const [name, type, , place] of tables.arrays) {
      const shape = shapeOf(name, job, seeds.length);
      const bytes = shape.reduce((a, b) => a * b, 1) * (SIZES[type] ?? tables.records[type].size);
      end = Math.ceil(end / LINE) * LINE;
      this.places.set(name, { at: end, type, shape });
      table[place] = BigInt(end);
      shape.forEach((length, d) => (table[place + 1 + d] = BigInt(length)));
      end += bytes;
      if (name.startsWith("state.")) this.stateEnd = end;
    }
    table[tables.weeks] = BigInt(job.weeks);
    this.table = Math.ceil(end / LINE) * LINE;
    const missing = this.table + table.byteLength - this.buffer.byteLength;
    if (missing > 0) this.exports.memory.grow(Math.ceil(missing / PAGE));
    new Uint8Array(this.buffer, this.stateStart, this.table - this.stateStart).fill(0);
    new BigInt64Array(this.buffer, this.table, tables.table).set(table);
    this.write(job, seeds);
  }

  /** Have the module act for the seeds from `first` up to, not with, `last`. */
  act(what: string, first: number, last: number): void {
    if (this.exports.act(this.table, tables.acts.indexOf(what), first, last)) throw new Error(`the module failed: ${what}`);
  }

  /** The arrays as they are now. They move when another job is laid out. */
  get arrays(): Arrays {
    return new Arrays(this.buffer, 0, this.places);
  }

  /** Return a copy of everything that a run changes. */
  keep(): Arrays {
    return new Arrays(this.buffer.slice(this.stateStart, this.stateEnd), this.stateStart, this.places);
  }

  /** Put back what was kept. */
  putBack(kept: Arrays): void {
    new Uint8Array(this.buffer).set(new Uint8Array(kept.buffer), this.stateStart);
  }

  /** Return a copy of the rows of an array of numbers from `first` up to, not with, `last`. */
  numbers(array: string, first = 0, last = Infinity): Float64Array {
    const { at, shape } = this.places.get(array)!;
    const width = shape.slice(1).reduce((a, b) => a * b, 1);
    return new Float64Array(this.buffer, at).slice(first * width, Math.min(last, shape[0]) * width);
  }

  private get buffer(): ArrayBuffer {
    return this.exports.memory.buffer as ArrayBuffer;
  }

  private get stateStart(): number {
    return this.places.get(tables.arrays[0][0])!.at;
  }

  private write(job: Job, seeds: number[]): void {
    for (const [name, values] of Object.entries(job.partners.given)) {
      this.writeNumbers(`given.${name}`, (values as unknown[]).flat() as (number | null)[]);
    }
    new Uint8Array(this.buffer).set(new Uint8Array(job.rules), this.places.get("rules")!.at);
    this.writeNumbers("events", job.events.flat());
    this.writeNumbers("seeds", seeds);
  }

  private writeNumbers(array: string, values: (number | null)[]): void {
    const { at, type } = this.places.get(array)!;
    const view = new DataView(this.buffer);
    values.forEach((value, i) => setNumberAt(view, type, at + i * SIZES[type], value ?? NaN));
  }
}

function shapeOf(name: string, job: Job, runs: number): number[] {
  const size = job.partners.ids.length;
  const ties = (size * job.maxTies) >> 1;
  const index = tables.arrays.findIndex(([other]) => other === name);
  if (name.startsWith("state.")) {
    return tables.shapes[index].map(([plus, perOrganization, perTie, perWeek, step]) => {
      const length = plus + perOrganization * size + perTie * job.maxTies + perWeek * job.weeks;
      return Math.ceil(length / step) * step;
    });
  }
  const { given } = job.partners;
  switch (name) {
    case "given.position":
      return [size, given.position[0].length];
    case "given.draw_ties":
      return [1];
    case "given.ties":
      return [given.ties.length, 2];
    case "given.tie_trust":
      return [given.ties.length];
    case "rules":
      return [1];
    case "events":
      return [job.events.length, 6];
    case "seeds":
      return [runs];
    case "outcomes":
      return [runs, tables.rows.outcomes.length];
    case "series":
      return [tables.rows.series.length];
    case "considered":
      return [size, tables.rows.considered.length];
    case "pairs":
    case "trust":
    case "willingness":
      return [ties, 2];
    case "agreements":
      return [ties];
  }
  return [size]; // a trait, or what each organization believes
}
