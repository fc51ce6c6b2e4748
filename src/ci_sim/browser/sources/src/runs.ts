/** Runs of plans: one recorded whole, here; many, in workers. */

import { Course } from "./course";
import { Engine, type Job } from "./memory";
import { jobOf, type Plan } from "./plan";
import { held } from "./shared";
import { tables, type Given } from "./tables";
import type { FromWorker, ToWorker } from "./worker";

/** Return a run of a plan, recorded whole: the first replicate of a seed, as `ci-sim run` shows it. */
export function courseOf(module: WebAssembly.Module, plan: Plan, own: Given | null, seed: number): Course {
  return new Course(new Engine(module), jobOf(plan, own), seed);
}

/** The outcomes of many runs of some jobs on the same luck; NaN in what is not finished. */
export class Outcomes {
  readonly done: boolean[][];
  private readonly values: Float64Array[];

  constructor(
    jobs: number,
    readonly runs: number,
  ) {
    const width = tables.rows.outcomes.length;
    this.values = Array.from({ length: jobs }, () => new Float64Array(runs * width).fill(NaN));
    this.done = Array.from({ length: jobs }, () => Array<boolean>(runs).fill(false));
  }

  put({ job, first, last, outcomes }: FromWorker): void {
    this.values[job].set(outcomes, first * tables.rows.outcomes.length);
    this.done[job].fill(true, first, last);
  }

  /** The replicates that are finished in all jobs. */
  get pairs(): number[] {
    return Array.from({ length: this.runs }, (_, r) => r).filter((r) => this.done.every((job) => job[r]));
  }

  /** Return an outcome of some replicates of a job. */
  of(job: number, name: string, replicates: number[]): number[] {
    const width = tables.rows.outcomes.length;
    const column = tables.rows.outcomes.indexOf(name);
    return replicates.map((r) => this.values[job][r * width + column]);
  }
}

interface Piece {
  job: number;
  first: number;
  last: number;
}

const PIECE = 10; // runs that a worker does before it is asked again

/** Many runs in background workers. */
export class Workers {
  readonly outcomes: Outcomes;
  private readonly workers = new Set<Worker>();
  private readonly busy = new Map<Worker, Piece>();
  private readonly waiting: Piece[] = [];
  private unfinished: number;
  died = 0;

  constructor(
    module: WebAssembly.Module,
    jobs: Job[],
    seed: number,
    runs: number,
    private readonly told: (over: boolean) => void,
  ) {
    this.outcomes = new Outcomes(jobs.length, runs);
    for (let first = 0; first < runs; first += PIECE) {
      jobs.forEach((_, job) => this.waiting.push({ job, first, last: Math.min(first + PIECE, runs) }));
    }
    this.unfinished = this.waiting.length;
    const source = held("worker");
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const count = Math.max(1, Math.min(navigator.hardwareConcurrency || 2, 8));
    for (let w = 0; w < count; w++) {
      const worker = new Worker(url);
      this.workers.add(worker);
      worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.take(worker, data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.bury(worker);
      };
      worker.postMessage({ do: "begin", module, tables, jobs, seed, runs } satisfies ToWorker);
      this.give(worker);
    }
  }

  /** Stop; what is finished stays. */
  stop(): void {
    for (const worker of this.workers) worker.terminate();
    this.workers.clear();
  }

  private give(worker: Worker): void {
    const piece = this.waiting.shift();
    if (piece) {
      this.busy.set(worker, piece);
      worker.postMessage({ do: "run", ...piece } satisfies ToWorker);
    }
  }

  private take(worker: Worker, found: FromWorker): void {
    this.outcomes.put(found);
    this.busy.delete(worker);
    this.unfinished--;
    this.give(worker);
    if (!this.unfinished) this.stop();
    this.told(!this.unfinished);
  }

  /** Let the others do what a worker that died was doing. */
  private bury(worker: Worker): void {
    const piece = this.busy.get(worker);
    this.busy.delete(worker);
    this.workers.delete(worker);
    worker.terminate();
    this.died++;
    if (piece) this.waiting.unshift(piece);
    const idle = [...this.workers].find((other) => !this.busy.has(other));
    if (idle) this.give(idle);
    this.told(!this.workers.size);
  }
}
