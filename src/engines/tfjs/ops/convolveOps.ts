import * as tf from "@tensorflow/tfjs-core";
import type { ConvolutionGeometry, ConvolveOperator } from "../../../ir/operators.ts";
import { convolutionPairs } from "../../../plan/convolutionPairs.ts";
import { madeOf, writeValue, type Frame, type Step } from "./frame.ts";
import { occurrences } from "./pickOps.ts";

/*
 * Convolutions of any number of axes as products: the input's windows are laid out by gathering (im2col). tf's own convolutions have
 * at most three axes, and their gradients are missing on some backends.
 */

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** `[rows, groups, positions, channels of a group]` of an image `[rows, elements]`. */
function byGroups(x: tf.Tensor2D, positions: number, channels: number, { groups, channelsLast }: ConvolutionGeometry): tf.Tensor4D {
  const own = channels / groups;
  return channelsLast
    ? tf.transpose(tf.reshape(x, [x.shape[0], positions, groups, own]), [0, 2, 1, 3])
    : tf.transpose(tf.reshape(x, [x.shape[0], groups, own, positions]), [0, 1, 3, 2]);
}

/** Back from {@link byGroups}. */
function fromGroups(x: tf.Tensor4D, { channelsLast }: ConvolutionGeometry): tf.Tensor2D {
  const lying = tf.transpose(x, channelsLast ? [0, 2, 1, 3] : [0, 1, 3, 2]);
  return tf.reshape(lying, [x.shape[0], x.size / x.shape[0]]);
}

/** `convolve` in its three modes. */
export function convolveStep(op: ConvolveOperator): Step {
  const { geometry: g, mode, role } = op;
  const [inputs, outputs, taps] = [product(g.inputSpatial), product(g.outputSpatial), product(g.kernel)];
  const [groupIn, groupOut] = [g.inputChannels / g.groups, g.outputChannels / g.groups];
  const pairs = convolutionPairs(g);
  // The input position of every (output position, tap); `inputs` where it is outside.
  const windows = new Int32Array(outputs * taps).fill(inputs);
  // The (output position, tap) of every pair, and its input position.
  const inside = new Int32Array(pairs.length / 3);
  const positions = new Int32Array(pairs.length / 3);
  for (let p = 0; p < inside.length; p++) {
    inside[p] = pairs[3 * p] * taps + pairs[3 * p + 1];
    positions[p] = pairs[3 * p + 2];
    windows[inside[p]] = positions[p];
  }
  // For every input position the (output position, tap) that use it, filled up with one that is 0.
  const uses = occurrences(positions, inputs).map((k) => (k < inside.length ? inside[k] : outputs * taps));

  /** `[rows, groups, outputs, taps * groupIn]` */
  const unfolded = (frame: Frame): tf.Tensor4D => {
    const x = byGroups(frame.read(op.input), inputs, g.inputChannels, g);
    const rows = x.shape[0];
    const padded = tf.concat([x, frame.run.constants.filled([rows, g.groups, 1, groupIn], 0) as tf.Tensor4D], 2);
    const picked = tf.gather(padded, frame.run.constants.array(windows, [windows.length]), 2);
    return tf.reshape(picked, [rows, g.groups, outputs, taps * groupIn]);
  };
  /** `[rows, groups, taps * groupIn, groupOut]`; one row where the filter is shared. */
  const filter = (frame: Frame): tf.Tensor4D => {
    const read = (): tf.Tensor4D => {
      const w = frame.read(op.filter);
      const rows = w.shape[0];
      if (g.filterOutputFirst === true) {
        const turned = tf.transpose(tf.reshape(w, [rows, taps, groupOut, groupIn]), [0, 1, 3, 2]);
        return tf.reshape(turned, [rows, 1, taps * groupIn, groupOut]);
      }
      return tf.transpose(tf.reshape(w, [rows, taps * groupIn, g.groups, groupOut]), [0, 2, 1, 3]);
    };
    return madeOf(frame, op.filter.signal, op, read);
  };
  const output = (frame: Frame): tf.Tensor4D => byGroups(frame.read(op.output), outputs, g.outputChannels, g);

  if (mode === "forward") {
    return (frame) => {
      const y = matrices(unfolded(frame), filter(frame));
      writeValue(frame, role, op.output, fromGroups(y, g));
    };
  }
  if (mode === "inputAdjoint") {
    return (frame) => {
      const y = output(frame);
      const folded = matrices(y, filter(frame), false, true);
      const rows = folded.shape[0];
      const parts = tf.reshape(folded, [rows, g.groups, outputs * taps, groupIn]);
      const padded = tf.concat([parts, frame.run.constants.filled([rows, g.groups, 1, groupIn], 0) as tf.Tensor4D], 2);
      const picked = tf.gather(padded, frame.run.constants.array(uses, [uses.length]), 2);
      const x = tf.sum(tf.reshape(picked, [rows, g.groups, inputs, uses.length / inputs, groupIn]), 3);
      writeValue(frame, role, op.input, fromGroups(x as tf.Tensor4D, g));
    };
  }
  return (frame) => {
    const w = filterGradient(frame, unfolded(frame), output(frame), op.filter.signal.perItem);
    const rows = w.shape[0];
    const lying =
      g.filterOutputFirst === true
        ? tf.transpose(tf.reshape(w, [rows, taps, groupIn, groupOut]), [0, 1, 3, 2])
        : tf.transpose(w, [0, 2, 1, 3]);
    writeValue(frame, role, op.filter, tf.reshape(lying, [rows, op.filter.length]), !op.filter.signal.perItem);
  };
}

/** Products of the last two axes. */
function matrices(a: tf.Tensor4D, b: tf.Tensor4D, transposeA = false, transposeB = false): tf.Tensor4D {
  const rows = Math.max(a.shape[0], b.shape[0]);
  const all = (x: tf.Tensor4D): tf.Tensor4D => (x.shape[0] === rows ? x : tf.tile(x, [rows, 1, 1, 1]));
  if (b.shape[0] === 1 && rows > 1 && !transposeA) {
    // Items side by side, so that the shared factor is not laid out once an item.
    const [, groups, n, k] = a.shape;
    const side = tf.reshape(tf.transpose(a, [1, 0, 2, 3]), [groups, rows * n, k]);
    const c = tf.matMul(side, tf.squeeze(b, [0]), false, transposeB);
    return tf.transpose(tf.reshape(c, [groups, rows, n, c.shape[2]!]), [1, 0, 2, 3]);
  }
  return tf.matMul(all(a), all(b), transposeA, transposeB);
}

/** `[rows or 1, groups, taps * groupIn, groupOut]`: of a shared filter, the sum over rows. */
function filterGradient(frame: Frame, x: tf.Tensor4D, y: tf.Tensor4D, perItem: boolean): tf.Tensor4D {
  if (perItem) return matrices(x, y, true);
  const { rows } = frame.values;
  const side = (t: tf.Tensor4D): tf.Tensor => {
    const [, groups, n, k] = t.shape;
    const all = t.shape[0] === rows ? t : tf.tile(t, [rows, 1, 1, 1]);
    return tf.reshape(tf.transpose(all, [1, 0, 2, 3]), [groups, rows * n, k]);
  };
  return tf.expandDims(tf.matMul(side(x), side(y), true), 0);
}
