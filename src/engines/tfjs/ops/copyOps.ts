import * as tf from "@tensorflow/tfjs-core";
import type { CopyOperator, Picked, SetOperator } from "../../../ir/operators.ts";
import type { Range } from "../../../ir/signal.ts";
import { addedElements, placedElements } from "./pickOps.ts";
import type { Frame, Step } from "./frame.ts";
import { withRows } from "./values.ts";

/** `set`: a constant into a range. */
export function setStep({ target, value }: SetOperator): Step {
  const { length } = target;
  return (frame) => {
    const { constants } = frame.run;
    const tensor = typeof value === "number" ? constants.filled([1, length], value) : constants.array(value, [1, length]);
    frame.write("set", [target], tensor as tf.Tensor2D);
  };
}

/** A picked place: a range where elements are neighbours, else elements of the whole signal. */
type Place = { readonly range: Range; readonly index: null } | { readonly range: Range; readonly index: Int32Array };

function placeOf({ signal, offset, index }: Picked, count: number): Place {
  if (index === null) return { range: { signal, offset, length: count }, index: null };
  if (index.every((e, k) => e === index[0] + k)) return { range: { signal, offset: offset + index[0], length: count }, index: null };
  return { range: { signal, offset: 0, length: signal.size }, index: index.map((e) => e + offset) };
}

/** `copy`: elements to elements; a shared target takes the sum over items. */
export function copyStep({ source, target, role }: CopyOperator): Step {
  const count = (target.index ?? source.index)?.length ?? target.length;
  if (count === 0) return () => undefined;
  const [from, to] = [placeOf(source, count), placeOf(target, count)];
  // A shared target gets what every item, or every step, adds.
  const overItems = source.signal.perItem && !target.signal.perItem;
  const overSteps = !source.signal.perItem && !target.signal.perItem && role === "inc";
  return (frame) => {
    const { constants } = frame.run;
    const whole = frame.read(from.range);
    const picked: tf.Tensor2D = from.index === null ? whole : tf.gather(whole, constants.array(from.index, [count]), 1);
    const values: tf.Tensor2D = overItems
      ? tf.sum(withRows(picked, frame.values.rows), 0, true)
      : overSteps
        ? tf.mul(picked, constants.scalar(frame.steps))
        : picked;
    write(frame, role, to, values);
  };
}

function write(frame: Frame, role: CopyOperator["role"], to: Place, values: tf.Tensor2D): void {
  const { constants } = frame.run;
  if (to.index === null) frame.write(role, [to.range], values);
  else if (role === "inc") frame.write(role, [to.range], addedElements(values, to.index, to.range.length, constants));
  else {
    const old = frame.read(to.range);
    const rows = Math.max(old.shape[0], values.shape[0]);
    frame.write(role, [to.range], placedElements(withRows(values, rows), to.index, withRows(old, rows), constants));
  }
}
