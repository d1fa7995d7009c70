import { Declared } from "../declared.ts";
import { ValidationError, describe } from "../errors.ts";
import { Distribution, type DistOrArray } from "../distributions/distribution.ts";
import { vjp } from "../expr/derivative.ts";
import { constant, detach, input, withDerivative, type Expr } from "../expr/expr.ts";
import { VectorProgram } from "../expr/vectorise.ts";
import type { ElementwiseOperator, Operator } from "../ir/operators.ts";
import { operand, range, type Signal } from "../ir/signal.ts";
import { ndarray } from "../math/ndarray.ts";

/**
 * One step of a neuron, as expressions. They may use `J` (input current), `dt` (s), the names of the states (value
 * before the step) and the names of `constants`.
 */
export interface Dynamics {
  /** Output of a step, 1/s: a spike is `amplitude / dt`. */
  readonly output: Expr;
  /** New value of each state. */
  readonly state: Readonly<Record<string, Expr>>;
  /** Steady output for a constant current, 1/s: what training uses in place of spikes. */
  readonly rate: Expr;
}

/** `inference` runs the neuron as it is, `training` its rate. */
export type Phase = "inference" | "training";

/** What a neuron type is told when it becomes operators. */
export interface NeuronLowering {
  readonly phase: Phase;
  /** Seconds. */
  readonly dt: number;
  /** Input current, one an neuron. */
  readonly J: Signal;
  readonly output: Signal;
  readonly state: Readonly<Record<string, Signal>>;
  readonly origin: string;
}

/** Gain and bias of a population; J = gain * (encoders . x / radius) + bias. */
export interface GainBias {
  readonly gain: Float64Array;
  readonly bias: Float64Array;
}

/** Rates (1/s) at the preferred direction and the position where firing starts. */
export interface MaxRatesIntercepts {
  readonly maxRates: Float64Array;
  readonly intercepts: Float64Array;
}

/** Options that every neuron type takes. */
export interface NeuronTypeOptions {
  /** Initial values of states that should not start as usual: distributions, or arrays of one value a neuron. */
  readonly initialState?: Readonly<Record<string, Distribution | readonly number[] | Float64Array | number>>;
}

/** A neuron model: parameters, state, and the expressions of {@link Dynamics}, from which every engine is served. */
export abstract class NeuronType extends Declared {
  readonly initialState: Readonly<Record<string, DistOrArray>>;

  /** @param options - those of the subclass; `initialState` ({@link NeuronTypeOptions}) is taken here */
  protected constructor(options: object) {
    super(options);
    const { initialState = {} } = options as NeuronTypeOptions;
    const given: Record<string, DistOrArray> = {};
    for (const [name, value] of Object.entries(initialState)) {
      if (!Object.hasOwn(this.defaultState, name)) {
        const known = Object.keys(this.defaultState);
        throw new ValidationError({
          owner: this.type,
          parameter: "initialState",
          expected: known.length === 0 ? "no state" : `one of ${known.join(", ")}`,
          got: describe(name),
        });
      }
      given[name] =
        value instanceof Distribution
          ? value
          : ndarray(typeof value === "number" ? [value] : value, { owner: this.type, parameter: `initialState.${name}` });
    }
    this.initialState = Object.freeze(given);
  }

  /** Whether the output is spikes. */
  get spiking(): boolean {
    return false;
  }
  /** Whether the output can be negative. */
  get negative(): boolean {
    return false;
  }
  /** Names of the states with the distributions of their initial values, in the order in which these are drawn. */
  get defaultState(): Readonly<Record<string, Distribution>> {
    return {};
  }
  abstract get dynamics(): Dynamics;
  /** Values of the names that the expressions use beside `J`, `dt` and the states. */
  abstract get constants(): Readonly<Record<string, number>>;
  /** Gain and bias that give the wanted maximum rates (1/s, at 1) and intercepts. */
  abstract gainBias(maxRates: Float64Array, intercepts: Float64Array): GainBias;
  /** The inverse of `gainBias`. */
  abstract maxRatesIntercepts(gain: Float64Array, bias: Float64Array): MaxRatesIntercepts;

  /** States in drawing order, with the distributions or arrays that apply. */
  get state(): Readonly<Record<string, DistOrArray>> {
    return { ...this.defaultState, ...this.initialState };
  }

  /** What a probe can see, beside the input. */
  get probeable(): readonly string[] {
    return ["output", ...Object.keys(this.defaultState)];
  }

  /** Steady rates (1/s) at constant currents J, elementwise. */
  rates(J: Float64Array): Float64Array {
    const out = new Float64Array(J.length);
    const names = Object.keys(this.constants);
    const program = new VectorProgram([{ expr: this.dynamics.rate, accumulate: false }], ["J"], names, "float64");
    program.setUniforms(names.map((n) => this.constants[n]));
    program.run(J.length, [J], [0], [out], [0]);
    return out;
  }

  /** The operators of one step. */
  lower({ phase, dt, J, output, state, origin }: NeuronLowering): Operator[] {
    const { dynamics } = this;
    const training = phase === "training" && this.spiking;
    const value = training
      ? dynamics.rate
      : this.spiking
        ? withDerivative(dynamics.output, input("J"), rateSlope(dynamics))
        : dynamics.output;
    // No gradient through reset and refractory time of spiking neurons; rates with state are differentiated whole.
    const next = training
      ? []
      : Object.entries(dynamics.state).map(([name, expr]) => [state[name], this.spiking ? detach(expr) : expr] as const);
    const op: ElementwiseOperator = {
      kind: "elementwise",
      origin,
      shape: [J.size],
      inputs: Object.fromEntries([["J", J] as const, ...Object.entries(state)].map(([name, signal]) => [name, operand(range(signal))])),
      constants: { dt, ...this.constants },
      outputs: [[output, value] as const, ...next].map(([signal, expr]) => ({ operand: operand(range(signal)), role: "set", expr })),
      differentiable: true,
    };
    return [op];
  }
}

const slopes = new WeakMap<Expr, Expr>();

/** d rate / d J; used as the slope of spikes too. */
export function rateSlope({ rate }: Dynamics): Expr {
  let slope = slopes.get(rate);
  if (slope === undefined) slopes.set(rate, (slope = vjp([rate], [constant(1)], ["J"])[0]!));
  return slope;
}
