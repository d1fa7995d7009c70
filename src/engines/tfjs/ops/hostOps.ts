import * as tf from "@tensorflow/tfjs-core";
import { SimulationError } from "../../../errors.ts";
import type { DrawOperator, FeedOperator, HostOperator } from "../../../ir/operators.ts";

import { sourcesOf } from "../../reference/context.ts";
import { callHost, noInput, processValue, type Clock } from "../../reference/host.ts";
import type { StreamSource } from "../../streams.ts";
import { writeValue, type Frame, type Step } from "./frame.ts";
import { stepOf } from "./series.ts";

/*
 * What runs in JavaScript: users' functions, processes and draws. Where it depends on values, these are read from the backend, which
 * waits for everything before.
 */

/** Numbers of a tensor, at once. */
function numbersOf(tensor: tf.Tensor, origin: string): Float32Array {
  try {
    return tensor.dataSync() as Float32Array;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SimulationError(
      `${origin}: expected a backend whose values can be read at once, got ${tf.getBackend()}, which says: ${reason}. Use another backend, e.g. await nengo.useBackend("wasm").`,
      { cause: error },
    );
  }
}

/** Calls `visit` for every step and item of a frame, steps first, with the row. */
function eachRow({ run, from, steps }: Frame, visit: (row: number, item: number, clock: Clock) => void): void {
  const { batch, streams, dt } = run;
  for (let k = 0, row = 0; k < steps; k++) {
    const step = run.step + from + k + 1;
    const clock = { step, time: step * dt, batch, streams };
    for (let b = 0; b < batch; b++) visit(row++, b, clock);
  }
}

/** Row of the numbers of a value, which may be one for all. */
const rowOf = (numbers: Float32Array, row: number, length: number): Float32Array =>
  numbers.length === length ? numbers : numbers.subarray(row * length, (row + 1) * length);

const rowsOf = ({ values }: Frame): number => values.rows;

/** `feed`: rows of given data, else of a process. */
export function feedStep(op: FeedOperator): Step {
  return (frame) => {
    const given = op.slot === null ? undefined : frame.run.feeds.get(op.slot);
    if (given !== undefined) frame.write("set", [op.target], rowsWithin(frame, given));
    else if (op.stream !== null) frame.write("set", [op.target], fromProcess(frame, op, op.stream));
  };
}

/** The rows of a run's data that belong to a frame; one row is good for all. */
const rowsWithin = ({ run, from, steps }: Frame, data: tf.Tensor2D): tf.Tensor2D =>
  steps === run.nSteps ? data : stepOf(data, from, run.batch);

function fromProcess(frame: Frame, op: FeedOperator, stream: number): tf.Tensor2D {
  const {
    origin,
    target: { length },
  } = op;
  const sources = sourcesOf(frame.run, stream, origin);
  const out = new Float32Array(rowsOf(frame) * length);
  eachRow(frame, (row, b, clock) => out.set(processRow(sources[b], clock, origin, b, length), row * length));
  // A table gives the same again.
  if (!sources.every((s) => s !== null && "table" in s)) frame.run.told?.(op, [out]);
  return tf.tensor2d(out, [rowsOf(frame), length]);
}

function processRow(source: StreamSource, clock: Clock, origin: string, b: number, length: number): ArrayLike<number> {
  if (source === null || "rng" in source) return new Float64Array(length);
  if ("step" in source) return processValue(clock, origin, source.step, noInput, b, length);
  const { rows, mode, offset, data } = source.table;
  const at = clock.step + offset;
  const row = mode === "cyclic" ? at % rows : Math.min(at, rows - 1);
  return data.subarray(row * length, (row + 1) * length);
}

/** `host`: a user's function, called once a step and item with copies of its inputs; with data under its slot, those. */
export function hostStep(op: HostOperator): Step {
  const write = (frame: Frame, k: number, value: tf.Tensor2D): void => writeValue(frame, op.outputs[k].role, op.outputs[k].range, value);
  return (frame) => {
    const given = op.slot === null ? undefined : frame.run.feeds.get(op.slot);
    if (given !== undefined) {
      write(frame, 0, rowsWithin(frame, given));
      return;
    }
    const inputs = op.inputs.map((range) => numbersOf(frame.read(range), op.origin));
    const outputs = op.outputs.map(({ range }) => new Float32Array(rowsOf(frame) * range.length));
    eachRow(frame, (row, b, clock) => {
      const own = op.inputs.map(({ length }, k) => Float64Array.from(rowOf(inputs[k], row, length)));
      const values = callHost(clock, op, own, b);
      op.outputs.forEach(({ range: { length } }, k) => {
        const value = values[k];
        for (let i = 0; i < length; i++) outputs[k][row * length + i] = typeof value === "number" ? value : value[i];
      });
    });
    frame.run.told?.(op, outputs);
    op.outputs.forEach(({ range: { length } }, k) => write(frame, k, tf.tensor2d(outputs[k], [rowsOf(frame), length])));
  };
}

/** `draw`: random numbers whose distribution depends on data. */
export function drawStep(op: DrawOperator): Step {
  const { length } = op.target;
  return (frame) => {
    const sources = sourcesOf(frame.run, op.stream, op.origin);
    const parameter = op.parameter === null ? null : numbersOf(frame.read(op.parameter), op.origin);
    const out = new Float32Array(rowsOf(frame) * length);
    eachRow(frame, (row, b) => {
      const source = sources[b];
      if (source === null || source === undefined || !("rng" in source))
        throw new SimulationError(`${op.origin}: expected a random generator, got none.`);
      const { rng } = source;
      const own = parameter === null ? null : rowOf(parameter, row, length);
      for (let i = 0; i < length; i++) out[row * length + i] = op.distribution === "uniform" ? rng.uniform() : rng.poisson(own![i]);
    });
    frame.run.told?.(op, [out]);
    frame.write("set", [op.target], tf.tensor2d(out, [rowsOf(frame), length]));
  };
}
