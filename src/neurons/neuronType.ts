import { Declared } from "../declared.ts";
import { ValidationError, describe } from "../errors.ts";
import { Distribution, type DistOrArray } from "../distributions/distribution.ts";
import { vjp } from "../expr/derivative.ts";
import { constant, detach, input, withDerivative, type Expr } from "../expr/expr.ts";
import type { ElementwiseOperator, Operator } from "../ir/operators.ts";
import { operand, range, type Signal } from "../ir/signal.ts";
import { ndarray } from "../math/ndarray.ts";
import { searchGainBias, searchMaxRatesIntercepts } from "./gainSearch.ts";
import { ratesByFormula, simulatedRates } from "./rates.ts";

/**
 * One step of a neuron, as expressions. They may use `J` (input current), `dt` (s), the names of the states (value
 * before the step) and the names of `constants`.
 */
export interface Dynamics {
  /** Output of a step, 1/s: a spike is `amplitude / dt`. */
  readonly output: Expr;
  /** New value of each state. */
  readonly state: Readonly<Record<string, Expr>>;
  /**
   * Steady output for a constant current, 1/s, an expression of `J` and constants: what decoders are fitted to and training
   * uses in place of spikes. Null where there is no closed form; then rates are simulated, and training runs the neuron as it
   * is, with gradients through its states; the slope of its spikes is what the expressions say (`withDerivative`).
   */
  readonly rate: Expr | null;
  /**
   * What slopes of spikes that depend on the threshold need to know (`gradient` of the `spiking` layer): the `distance` from the nearest
   * threshold, negative below and 0 where it is reached, in units of the way from reset to threshold; and the `height` of the output of
   * one spike, 1/s. A type without it has no such slopes.
   */
  readonly spike?: { readonly distance: Expr; readonly height: Expr };
  /** What training runs in place of spikes, where that has state of its own. @defaultValue the rate */
  readonly training?: { readonly output: Expr; readonly state: Readonly<Record<string, Expr>> };
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
  /** The random stream of a type that draws; else null. */
  readonly stream: number | null;
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
  readonly initialState?: Readonly<Record<string, Distribution | readonly number[] | Float64Array | number>> | null;
}

/** A neuron model: parameters, state, and the expressions of {@link Dynamics}, from which every engine is served. */
export abstract class NeuronType extends Declared {
  readonly initialState: Readonly<Record<string, DistOrArray>>;

  /** @param options - those of the subclass; `initialState` ({@link NeuronTypeOptions}) is taken here */
  protected constructor(options: object) {
    super(options);
    const { initialState } = options as NeuronTypeOptions;
    const given: Record<string, DistOrArray> = {};
    for (const [name, value] of Object.entries(initialState ?? {})) {
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
  /** The type whose rates this one turns into spikes; it runs first, and its output is this one's `J`. */
  get baseType(): NeuronType | null {
    return null;
  }
  /** Whether random numbers are drawn at every step. */
  get draws(): boolean {
    return false;
  }
  abstract get dynamics(): Dynamics;
  /** Values of the names that the expressions use beside `J`, `dt` and the states. */
  abstract get constants(): Readonly<Record<string, number>>;
  /**
   * Gain and bias that give the wanted maximum rates (1/s, at 1) and intercepts. Found on a grid of currents, unless a type knows
   * a formula.
   * @throws ValidationError where no current gives the rates
   */
  gainBias(maxRates: Float64Array, intercepts: Float64Array): GainBias {
    return searchGainBias(this, maxRates, intercepts);
  }
  /** The inverse of `gainBias`; intercepts found on a grid are those of the grid. */
  maxRatesIntercepts(gain: Float64Array, bias: Float64Array): MaxRatesIntercepts {
    return searchMaxRatesIntercepts(this, gain, bias);
  }

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
    return this.dynamics.rate === null ? simulatedRates(this, J) : ratesByFormula(this, this.dynamics.rate, J);
  }

  /** As `rates`, of currents that nobody needs afterwards: their memory may be taken for the result. */
  ratesOf(J: Float64Array): Float64Array {
    // A type may define its rates itself.
    if (this.rates !== NeuronType.prototype.rates) return this.rates(J);
    return this.dynamics.rate === null ? simulatedRates(this, J) : ratesByFormula(this, this.dynamics.rate, J, J);
  }

  /** The operators of one step. */
  lower({ phase, dt, J, output, state, origin }: NeuronLowering): Operator[] {
    const { dynamics } = this;
    const trained = phase === "training" && this.spiking ? trainingOf(dynamics) : null;
    const slope = this.spiking ? slopeOf(dynamics) : null;
    const value = trained?.output ?? (slope === null ? dynamics.output : withDerivative(dynamics.output, input("J"), slope));
    // No gradient through reset and refractory time of spikes that have their rate's slope; all else is differentiated whole.
    const next = Object.entries(trained?.state ?? dynamics.state).map(
      ([name, expr]) => [state[name], trained === null && slope !== null ? detach(expr) : expr] as const,
    );
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

/** What a spiking type runs in training; null where it runs as it is. */
const trainingOf = ({ rate, training }: Dynamics): NonNullable<Dynamics["training"]> | null =>
  training ?? (rate === null ? null : { output: rate, state: {} });

/** The slope that stands for that of spikes: of what training runs. */
function slopeOf(dynamics: Dynamics): Expr | null {
  const trained = trainingOf(dynamics);
  return trained === null ? null : rateSlope(trained.output);
}

const slopes = new WeakMap<Expr, Expr>();

/** d rate / d J; used as the slope of spikes too. */
export function rateSlope(rate: Expr): Expr {
  let slope = slopes.get(rate);
  if (slope === undefined) slopes.set(rate, (slope = vjp([rate], [constant(1)], ["J"])[0]!));
  return slope;
}
