import type { Operand, Range, Signal } from "../../ir/signal.ts";
import type { Layout } from "../../plan/layout.ts";
import { SimulationError } from "../../errors.ts";
import type { Dtype, Floats, Table } from "../engine.ts";
import type { Streams } from "../streams.ts";
import type { Journal } from "./journal.ts";

/** What kernels share: memory, the clock, and the data of the present run. */
export interface Context {
  readonly dtype: Dtype;
  readonly batch: number;
  readonly layout: Layout;
  /** Seconds. */
  readonly dt: number;
  /** Numbers between neighbouring elements of a per-item signal; no less than the batch. */
  readonly width: number;
  /** Per-item signals: element e of item b is at `e * width + b`. */
  readonly item: Floats;
  readonly shared: Floats;
  /** Step of the simulation (1 is the first) and its time (s). */
  step: number;
  time: number;
  /** Step within the run (0 is the first). */
  row: number;
  feeds: ReadonlyMap<string, Table>;
  /** Record targets of the run, with the rows written so far. */
  records: ReadonlyMap<string, { readonly table: Table; rows: number }>;
  streams: Streams | null;
  journal: Journal | null;
}

/** One group of operators, ready: called once a step. */
export interface Kernel {
  readonly run: () => void;
  /** Called before a run when shared signals have changed. */
  readonly refresh?: () => void;
}

/** Whether a signal's elements lie in per-item memory. */
export const memoryOf = (context: Context, signal: Signal): Floats => (signal.perItem ? context.item : context.shared);

/** Element address of a range's or operand's start. */
export const startOf = (context: Context, { signal, offset }: Range | Operand): number => context.layout.offsetOf(signal) + offset;

/** The streams of a run, which the caller must have given. */
export function sourcesOf(context: Pick<Context, "streams">, stream: number, origin: string): Streams["sources"][number] {
  const sources = context.streams?.sources[stream];
  if (sources === undefined)
    throw new SimulationError(`${origin}: expected random streams for the run, got none. Make them with makeStreams.`);
  return sources;
}
