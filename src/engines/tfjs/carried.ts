import * as tf from "@tensorflow/tfjs-core";
import type { Signal } from "../../ir/signal.ts";
import type { Streams } from "../streams.ts";

/** Where a stateful network stopped: values of its states, its random streams and the steps done. */
export class Carried {
  readonly batch: number;
  readonly streams: Streams;
  private done = 0;
  private readonly values = new Map<Signal, tf.Tensor2D>();

  constructor(batch: number, streams: Streams) {
    this.batch = batch;
    this.streams = streams;
  }

  /** Steps done. */
  get step(): number {
    return this.done;
  }

  /** A state, `[batch, size]`; its initial values where no run has changed it. */
  state(signal: Signal): tf.Tensor2D {
    return this.values.get(signal) ?? initialState(signal, this.batch);
  }

  /** Keeps states after `nSteps` more steps. */
  advance(nSteps: number, states: Iterable<readonly [Signal, tf.Tensor2D]>): void {
    for (const [signal, value] of states) {
      const before = this.values.get(signal);
      this.values.set(signal, tf.keep(tf.clone(value)));
      before?.dispose();
    }
    this.done += nSteps;
  }

  dispose(): void {
    this.values.forEach((value) => value.dispose());
    this.values.clear();
  }
}

/** The initial values of a state, `[batch, size]`. */
export const initialState = ({ initial, size }: Signal, batch: number): tf.Tensor2D =>
  initial === null ? tf.zeros([batch, size]) : tf.tile(tf.tensor2d(Float32Array.from(initial), [1, size]), [batch, 1]);
