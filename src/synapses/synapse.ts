import { Declared } from "../declared.ts";
import type { Operator } from "../ir/operators.ts";
import type { Range, Signal } from "../ir/signal.ts";

/** What a synapse is told when it becomes operators. */
export interface SynapseLowering {
  /** Seconds. */
  readonly dt: number;
  readonly input: Range;
  readonly output: Range;
  /**
   * How the output is written. `update` (connections, probes): what reads it sees the filtered inputs up to the step before.
   * `set` (inside learning rules): it sees this step's.
   */
  readonly role: "set" | "update";
  readonly origin: string;
  /** Makes a signal for state of the filter, one value an item. */
  readonly state: (name: string, shape: readonly number[]) => Signal;
}

/** A filter over time. In a simulation every synapse delays by exactly one step; no synapse (null) does not. */
export abstract class Synapse extends Declared {
  /** The operators of one step of the filter. */
  abstract lower(context: SynapseLowering): Operator[];
}
