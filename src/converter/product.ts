import { mul, relu } from "@tensorflow/tfjs-core";
import { SquaredReLU } from "../neurons/index.ts";
import type { ActivationSpec } from "./activations.ts";
import type { Context } from "./context.ts";
import type { Picked } from "./maximum.ts";
import type { Port } from "./port.ts";

/** Of neurons that square; no activation of the model's. */
const square: ActivationSpec = { name: "square", usual: new SquaredReLU(), apply: (x) => mul(relu(x), relu(x)) };

/**
 * a b = ((a + b)^2 - (a - b)^2) / 4, element by element, of the shape of `a.from`; each square is that of two rectified neurons, one
 * for either sign. Exact for rates, to what float32 leaves of the difference.
 */
export function product(context: Context, a: Picked, b: Picked, part?: string): Port {
  context.noteSpikes([a.from, b.from]);
  const { shape } = a.from;
  const name = part === undefined ? "" : `${part}.`;
  const squared = (label: string, signA: number, signB: number): Port =>
    context.stage({
      part: `${name}${label}`,
      shape,
      scaled: false,
      activation: square,
      terms: [
        { ...a, transform: signA },
        { ...b, transform: signB },
      ],
    });
  const terms = [
    { from: squared("sum", 1, 1), transform: 0.25 },
    { from: squared("negativeSum", -1, -1), transform: 0.25 },
    { from: squared("difference", 1, -1), transform: -0.25 },
    { from: squared("negativeDifference", -1, 1), transform: -0.25 },
  ];
  return context.stage({ ...(part === undefined ? {} : { part }), shape, terms: terms.map((term) => ({ ...term, synapse: null })) });
}
