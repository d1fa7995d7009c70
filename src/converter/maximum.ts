import type { ActivationSpec } from "./activations.ts";
import { relu } from "@tensorflow/tfjs-core";
import { RectifiedLinear } from "../neurons/index.ts";
import type { Context } from "./context.ts";
import type { ItemShape } from "./graph.ts";
import { sizeOf, type Port } from "./port.ts";

/** Some components of a value. */
export interface Picked {
  readonly from: Port;
  readonly pick: Int32Array | null;
}

/** Of neurons that compute differences; no activation of the model's, so that swaps of "relu" leave it. */
const difference: ActivationSpec = { name: "difference", usual: new RectifiedLinear(), apply: (x) => relu(x) };

/**
 * The largest of several values, element by element: max(a, b) = a + relu(b - a), pair by pair. Exact for rates; spikes have to be
 * filtered before, since the largest of single spikes is another thing than that of rates.
 * @param sign - 1 for the largest, -1 for the smallest: min(a, b) = a - relu(a - b)
 */
export function largest(context: Context, values: readonly Picked[], shape: ItemShape, sign: 1 | -1 = 1): Port {
  context.noteSpikes(values.map(({ from }) => from));
  let round = values;
  for (let level = 1; round.length > 1; level++) {
    const pairs = Math.floor(round.length / 2);
    const size = sizeOf(shape);
    const last = round.length === 2;
    const whole = last ? shape : [pairs * size];
    const part = (name: string): string => (last ? name : `${name}${level}`);
    const into = (pair: number): Int32Array | null => (last ? null : Int32Array.from({ length: size }, (_, k) => pair * size + k));
    const pairOf = (pair: number): readonly [Picked, Picked] => [round[2 * pair], round[2 * pair + 1]];
    const all = Array.from({ length: pairs }, (_, pair) => pair);
    const excess = context.stage({
      part: part("difference"),
      shape: whole,
      scaled: false,
      activation: difference,
      terms: all.flatMap((pair) => {
        const [a, b] = pairOf(pair);
        return [
          { ...b, into: into(pair), transform: sign },
          { ...a, into: into(pair), transform: -sign },
        ];
      }),
    });
    const winners = context.stage({
      ...(last ? {} : { part: part("largest") }),
      shape: whole,
      terms: [...all.map((pair) => ({ ...pairOf(pair)[0], into: into(pair) })), { from: excess, transform: sign, synapse: null }],
    });
    const rest = round.length % 2 === 1 ? [round[round.length - 1]] : [];
    round = [...all.map((pair): Picked => ({ from: winners, pick: into(pair) })), ...rest];
  }
  const [{ from, pick }] = round;
  return pick === null ? context.reshaped(from, shape) : context.stage({ shape, terms: [{ from, pick }] });
}
