import * as tf from "@tensorflow/tfjs-core";
import type { DrawOperator, FeedOperator, HostOperator, Role } from "../../../ir/operators.ts";
import type { Range, Signal } from "../../../ir/signal.ts";
import type { Streams } from "../../streams.ts";
import type { Constants } from "./constants.ts";
import { withRows, type Values } from "./values.ts";

/** What all operators of a run see. */
export interface RunContext {
  readonly batch: number;
  readonly nSteps: number;
  /** Steps done before the run. */
  readonly step: number;
  /** Seconds. */
  readonly dt: number;
  readonly streams: Streams | null;
  /** Data by slot, `[nSteps * batch, size]`: all items of the first step, of the second, and so on. */
  readonly feeds: ReadonlyMap<string, tf.Tensor2D>;
  readonly constants: Constants;
  /** Shared signals that the program writes. */
  readonly changing: ReadonlySet<Signal>;
  /** Told what users' functions, processes with steps and draws gave, an array `[rows, size]` an output. */
  readonly told?: (op: HostOperator | DrawOperator | FeedOperator, rows: Float32Array[]) => void;
}

/** The values that operators work on: those of one step, or of all steps at once; then rows are steps times items. */
export interface Frame {
  readonly run: RunContext;
  readonly values: Values;
  /** The first step in it, counted within the run, and how many there are. */
  readonly from: number;
  readonly steps: number;
  /** Ranges side by side, `[rows or 1, length]`, as readers see them. */
  read(...ranges: readonly Range[]): tf.Tensor2D;
  /** Writes columns of a value into ranges. */
  write(role: Role, ranges: readonly Range[], value: tf.Tensor2D): void;
}

/** An operator, or a group of them, made ready. */
export type Step = (frame: Frame) => void;

/** What is made of a signal's values: once a run where they stay the same. */
export function madeOf<T extends tf.Tensor>(frame: Frame, signal: Signal, owner: unknown, make: () => T): T {
  const { changing, constants } = frame.run;
  return signal.perItem || changing.has(signal) ? make() : constants.once(owner, "made", make);
}

/** Writes into a signal; into a shared one, the sum over all rows (unless `summed` says that it is that sum already). */
export function writeValue(frame: Frame, role: Role, range: Range, value: tf.Tensor2D, summed = false): void {
  if (range.signal.perItem || summed) frame.write(role, [range], value);
  else frame.write(role, [range], tf.sum(withRows(value, frame.values.rows), 0, true));
}

/** Where updates of a step go: over all steps at once, they are not seen by its readers. */
export class StepFrame implements Frame {
  readonly run: RunContext;
  readonly values: Values;
  readonly from: number;
  readonly steps: number;
  private readonly ends: Values;
  private readonly beforeUpdate: (signal: Signal) => void;

  constructor(
    run: RunContext,
    {
      values,
      ends = values,
      from,
      steps,
      beforeUpdate = () => undefined,
    }: { values: Values; ends?: Values; from: number; steps: number; beforeUpdate?: (signal: Signal) => void },
  ) {
    this.run = run;
    this.values = values;
    this.ends = ends;
    this.from = from;
    this.steps = steps;
    this.beforeUpdate = beforeUpdate;
  }

  read(...ranges: readonly Range[]): tf.Tensor2D {
    return this.values.read(ranges);
  }

  write(role: Role, ranges: readonly Range[], value: tf.Tensor2D): void {
    if (role === "inc") {
      this.values.write(ranges, tf.add(this.values.read(ranges), value));
      return;
    }
    if (role === "set") {
      this.values.write(ranges, value);
      return;
    }
    for (const { signal } of ranges) {
      this.beforeUpdate(signal);
      // What is not updated keeps the value that readers see.
      if (this.ends !== this.values && !this.ends.has(signal)) this.ends.put(signal, this.values.pieces(signal));
    }
    this.ends.write(ranges, value);
  }
}
