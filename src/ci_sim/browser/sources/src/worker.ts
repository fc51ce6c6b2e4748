/** A worker: many runs of a plan, away from the page, in pieces, so that it can be stopped between two of them. */

import { Engine, type Job } from "./memory";
import { readTables, type Tables } from "./tables";

export type ToWorker =
  | { do: "begin"; module: WebAssembly.Module; tables: Tables; jobs: Job[]; seed: number; runs: number }
  | { do: "run"; job: number; first: number; last: number };
export type FromWorker = { job: number; first: number; last: number; outcomes: Float64Array };

let engines: Engine[] = [];

self.onmessage = ({ data }: MessageEvent<ToWorker>): void => {
  if (data.do === "begin") {
    readTables(data.tables);
    engines = data.jobs.map((job) => {
      const engine = new Engine(data.module);
      engine.layOut(job, Array<number>(data.runs).fill(data.seed));
      engine.act("seed", 0, data.runs);
      return engine;
    });
  } else {
    const engine = engines[data.job];
    engine.act("run", data.first, data.last);
    const outcomes = engine.numbers("outcomes", data.first, data.last);
    postMessage({ job: data.job, first: data.first, last: data.last, outcomes } satisfies FromWorker);
  }
};
