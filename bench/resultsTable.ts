import { table } from "tfjs-nengo/node";
import type { Measurement } from "./summary.ts";

/** A measurement in a table. */
export interface Result extends Measurement {
  readonly workload: string;
  /** Of the machine, just before. */
  readonly load: number;
  /** Nengo's without its optimizer. */
  readonly buildUnoptimized?: number;
}

/**
 * Times (s) and how many times as long the peers need: Nengo with its optimizer for runs (one item), Nengo without and with it for builds, and
 * NengoDL for runs of as many items.
 */
export function resultsTable(results: readonly Result[]): string {
  const ratio = (peer: number | undefined, own: number): string => (peer === undefined ? "-" : `${(peer / own).toPrecision(3)}x`);
  const show = (value: number | undefined): string => (value === undefined ? "-" : value.toPrecision(4));
  return table(
    [
      "workload",
      "by",
      "engine",
      "dtype",
      "batch",
      "run",
      "median",
      "first",
      "vs Nengo",
      "vs NengoDL",
      "build",
      "warm",
      "vs Nengo",
      "optimized",
      "load",
    ],
    results.map((r) => {
      const nengo = results.find((o) => o.workload === r.workload && o.peer === "nengo");
      const dl = results.find((o) => o.workload === r.workload && o.peer === "nengo-dl" && Math.max(o.batch, 1) === Math.max(r.batch, 1));
      return [
        r.workload,
        r.peer,
        r.engine,
        r.dtype,
        r.batch === 0 ? "-" : String(r.batch),
        show(r.run.min),
        show(r.run.median),
        show(r.firstRun),
        r.batch > 1 ? "-" : ratio(nengo?.run.min, r.run.min),
        ratio(dl?.run.min, r.run.min),
        show(r.build),
        show(r.buildWarm ?? r.buildUnoptimized),
        ratio(nengo?.buildUnoptimized, r.build),
        ratio(nengo?.build, r.build),
        r.load.toFixed(2),
      ];
    }),
  );
}
