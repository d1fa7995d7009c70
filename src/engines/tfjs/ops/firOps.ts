import * as tf from "@tensorflow/tfjs-core";
import type { FirOperator } from "../../../ir/operators.ts";
import { writeValue, type Step } from "./frame.ts";
import { withRows } from "./values.ts";

/** `fir`, one step: a weighted sum of the last inputs, which the buffer keeps, newest first. */
export function firStep({ input, output, buffer, taps, role }: FirOperator): Step {
  const { length } = input;
  const kept = { ...buffer, length: (taps.length - 1) * length };
  return (frame) => {
    const x = frame.read(input);
    const before = frame.read(kept);
    const rows = Math.max(x.shape[0], before.shape[0]);
    const last = taps.length === 1 ? x : tf.concat([withRows(x, rows), withRows(before, rows)], 1);
    const weighted = tf.mul(tf.reshape(last, [rows, taps.length, length]), frame.run.constants.array(taps, [1, taps.length, 1]));
    frame.write("update", [buffer], last);
    writeValue(frame, role, output, tf.sum(weighted, 1));
  };
}
