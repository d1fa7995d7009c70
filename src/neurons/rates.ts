import type { Expr } from "../expr/expr.ts";
import { VectorProgram } from "../expr/vectorise.ts";
import type { NeuronType } from "./neuronType.ts";

/** Programs of formulas, by the names of their constants: every ensemble of a type uses the same one. */
const programs = new WeakMap<Expr, Map<string, VectorProgram>>();

function programOf(rate: Expr, names: readonly string[]): VectorProgram {
  let known = programs.get(rate);
  if (known === undefined) programs.set(rate, (known = new Map<string, VectorProgram>()));
  const key = names.join();
  let program = known.get(key);
  if (program === undefined) known.set(key, (program = new VectorProgram([{ expr: rate, accumulate: false }], ["J"], names, "float64")));
  return program;
}

/** Values of an expression of J and a type's constants; `out` may be J. */
export function ratesByFormula(
  { constants }: Pick<NeuronType, "constants">,
  rate: Expr,
  J: Float64Array,
  out: Float64Array = new Float64Array(J.length),
): Float64Array {
  const program = programOf(rate, Object.keys(constants));
  program.setUniforms(Object.values(constants));
  program.run(J.length, [J], [0], [out], [0]);
  return out;
}

const DT = 0.001;
const STEPS = 1000;

/** The mean output over 1 s in steps of 1 ms, after one step to settle, from states of zero. */
export function simulatedRates({ dynamics: { output, state }, constants }: NeuronType, J: Float64Array): Float64Array {
  const names = Object.keys(state);
  const program = new VectorProgram(
    [output, ...Object.values(state)].map((expr) => ({ expr, accumulate: false })),
    ["J", ...names],
    ["dt", ...Object.keys(constants)],
    "float64",
  );
  program.setUniforms([DT, ...Object.values(constants)]);
  const states = names.map(() => new Float64Array(J.length));
  const [value, total] = [new Float64Array(J.length), new Float64Array(J.length)];
  const zeros = states.map(() => 0);
  for (let k = 0; k <= STEPS; k++) {
    program.run(J.length, [J, ...states], [0, ...zeros], [value, ...states], [0, ...zeros]);
    if (k > 0) for (let i = 0; i < total.length; i++) total[i] += value[i];
  }
  return total.map((sum) => sum / STEPS);
}
