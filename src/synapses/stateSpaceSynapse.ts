import { ValidationError } from "../errors.ts";
import { add, constant, input, mul, type Expr } from "../expr/expr.ts";
import type { ElementwiseOutput, Operator } from "../ir/operators.ts";
import { operand, type Operand } from "../ir/signal.ts";
import { solve } from "../math/linalg.ts";
import type { StateSpace } from "../math/stateSpace.ts";
import { Synapse, type FilterStart, type FilterStep, type SynapseLowering } from "./synapse.ts";

/** Smallest gain of a filter for constant input from which a state can be found. */
const SMALLEST_GAIN = 1e-8;

/**
 * A synapse that is a linear system in steps of dt: `X' = A X + B u`. The output is `D u` without states; X itself (scaled by C) with
 * one state and D = 0; `C X'` with more states and D = 0, so that the present input is in it; else `C X + D u`.
 * For a filter of your own, extend this class with `discretize`.
 */
export abstract class StateSpaceSynapse extends Synapse {
  /** The system in steps of `dt` seconds. */
  abstract discretize(dt: number): StateSpace;

  /** One elementwise operator; the state of a filter of first order is its output. */
  override lower({ dt, input: x, output, role, origin, state }: SynapseLowering): Operator[] {
    const { order, ...form } = this.formAt(dt);
    const own = order > 0 && form.own;
    const states = order > 0 && !own ? state("states", [order, x.length]) : null;
    const places: Operand[] = own
      ? [operand(output)]
      : Array.from({ length: order }, (_, k) => ({ signal: states!, offset: k * x.length, strides: [1] }));
    const updates: ElementwiseOutput[] = own ? [] : places.map((place, k) => ({ operand: place, role: "update", expr: form.next[k] }));
    return [
      {
        kind: "elementwise",
        origin,
        shape: [x.length],
        inputs: { u: operand(x), ...Object.fromEntries(places.map((place, k) => [`x${k}`, place])) },
        constants: form.constants,
        outputs: [{ operand: operand(output), role, expr: form.output }, ...updates],
        differentiable: true,
      },
    ];
  }

  override makeStep({ dt, size, y0 }: FilterStart): FilterStep {
    const system = scaled(this.discretize(dt));
    const { order, A, B, C, D } = system;
    const states = Array.from({ length: order }, () => new Float64Array(size));
    if (y0 !== null && order > 0) {
      const steady = this.steady(system);
      states.forEach((x, k) => x.set(y0.map((v) => v * steady[k])));
    }
    const direct = order === 0 || D !== 0;
    const next = new Float64Array(order);
    /** C X of a lane. */
    const seen = (values: (k: number) => number): number => {
      let sum = order === 0 ? 0 : C[0] * values(0);
      for (let k = 1; k < order; k++) sum += C[k] * values(k);
      return sum;
    };
    return (u) =>
      u.map((value, lane) => {
        const old = direct ? seen((k) => states[k][lane]) + D * value : 0;
        for (let k = 0; k < order; k++) {
          let sum = A[k * order] * states[0][lane];
          for (let j = 1; j < order; j++) sum += A[k * order + j] * states[j][lane];
          next[k] = sum + B[k] * value;
        }
        for (let k = 0; k < order; k++) states[k][lane] = next[k];
        return direct ? old : seen((k) => next[k]);
      });
  }

  /** The system of a synapse is the same in all connections that have it. */
  private formAt(dt: number): Form & { readonly order: number } {
    const known = forms.get(this);
    if (known?.dt === dt) return known.form;
    const system = scaled(this.discretize(dt));
    const form = { ...formOf(system), order: system.order };
    forms.set(this, { dt, form });
    return form;
  }

  /** State for an output that has been 1 for long. */
  private steady({ order, A, B, C, D }: StateSpace): Float64Array {
    if (order === 1 && D === 0) return Float64Array.of(B[0] / (1 - A[0]));
    const rest = A.map((a, k) => (k % (order + 1) === 0 ? 1 : 0) - a);
    const state = solve(rest, B, order, 1);
    const gain = C.reduce((sum, c, k) => sum + c * state[k], 0) + D;
    if (!(Math.abs(gain) > SMALLEST_GAIN)) {
      throw new ValidationError({
        owner: this.type,
        parameter: "y0",
        expected: "0 for a filter that lets nothing constant through",
        got: "another number",
      });
    }
    return state.map((v) => v / gain);
  }
}

const forms = new WeakMap<StateSpaceSynapse, { readonly dt: number; readonly form: Form & { readonly order: number } }>();

/** With one state and D = 0 the state is scaled, so that it is the output. */
function scaled(system: StateSpace): StateSpace {
  const { order, B, C, D } = system;
  return order === 1 && D === 0 ? { ...system, B: Float64Array.of(C[0] * B[0]), C: Float64Array.of(1) } : system;
}

/** A system as expressions of `u`, `x0`, `x1`, ... and constants. */
interface Form {
  /** Whether the output is the (only) state. */
  readonly own: boolean;
  readonly output: Expr;
  readonly next: readonly Expr[];
  readonly constants: Readonly<Record<string, number>>;
}

function formOf({ order, A, B, C, D }: StateSpace): Form {
  const constants: Record<string, number> = {};
  // Coefficients stand by name, so that filters of one shape are one expression; those that are 0 do not stand at all.
  const term = (name: string, value: number, of: Expr): Expr[] => {
    if (value === 0) return [];
    constants[name] = value;
    return [mul(input(name), of)];
  };
  const sum = (terms: readonly Expr[]): Expr => terms.reduce((a, b) => add(a, b), constant(0));
  const u = input("u");
  const x = Array.from({ length: order }, (_, k) => input(`x${k}`));
  const next = x.map((_, k) => sum([...x.flatMap((xj, j) => term(`a${k}_${j}`, A[k * order + j], xj)), ...term(`b${k}`, B[k], u)]));
  if (order === 1 && D === 0) return { own: true, output: next[0], next, constants };
  const seen = D === 0 ? next : x;
  const output = sum([...seen.flatMap((xk, k) => term(`c${k}`, C[k], xk)), ...term("d", D, u)]);
  return { own: false, output, next, constants };
}
