import { checkBoolean, checkChoice, checkNumber } from "../declared.ts";
import { ShapeError, ValidationError } from "../errors.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import { RandomState } from "../math/random.ts";
import { Piecewise } from "../processes/index.ts";
import type { Interpolation } from "../processes/piecewise.ts";

interface Recorded {
  /** Times (s) `[steps]`. */
  readonly times: Float64Array;
  /** Seconds between two. */
  readonly dt: number;
  /** `[steps, neurons]` */
  readonly spikes: NdArray;
  readonly steps: number;
  readonly neurons: number;
}

function recorded(owner: string, t: ArrayLike_, spikes: ArrayLike_): Recorded {
  const times = ndarray(t, { owner, parameter: "t" });
  const array = ndarray(spikes, { owner, parameter: "spikes" });
  if (times.shape.length !== 1 || times.shape[0] < 2)
    throw new ShapeError({ owner, parameter: "t", expected: "times [steps], at least 2", got: `shape [${times.shape.join(", ")}]` });
  const [steps, neurons] = array.shape as readonly [number, number];
  if (array.shape.length !== 2 || steps !== times.shape[0])
    throw new ShapeError({
      owner,
      parameter: "spikes",
      expected: `[${times.shape[0]}, neurons], one row for each time`,
      got: `shape [${array.shape.join(", ")}]`,
    });
  const dt = times.data[1] - times.data[0];
  if (!(dt > 0)) throw new ValidationError({ owner, parameter: "t", expected: "ascending times", got: `a step of ${dt}` });
  return { times: times.data, dt, spikes: array, steps, neurons };
}

/**
 * Times (s) of the spikes of every neuron.
 * @param t - times `[steps]`, e.g. `sim.trange()`
 * @param spikes - a probe's data `[steps, neurons]`; whatever is not 0 is a spike
 */
export function spikesToEvents(t: ArrayLike_, spikes: ArrayLike_): Float64Array[] {
  const { times, spikes: array, neurons } = recorded("spikesToEvents", t, spikes);
  return Array.from({ length: neurons }, (_, i) => times.filter((_t, k) => array.data[k * neurons + i] !== 0));
}

/** Options of {@link ratesIsi}. */
export interface RatesIsiOptions {
  /** Whether a rate holds at the middle of its interval instead of at its first spike. @defaultValue false */
  readonly midpoint?: boolean;
  /** How rates are interpolated between, as a Piecewise does. @defaultValue "zero": each holds until the next */
  readonly interpolation?: Interpolation;
}

/**
 * Firing rates (Hz) `[steps, neurons]` by the intervals between spikes: 1 / interval, and 0 at both ends of the recording.
 * A neuron with fewer than two spikes has rate 0.
 * @param t - times `[steps]` (s)
 * @param spikes - `[steps, neurons]`
 */
export function ratesIsi(t: ArrayLike_, spikes: ArrayLike_, options: RatesIsiOptions = {}): NdArray {
  const owner = "ratesIsi";
  const { times, steps, neurons } = recorded(owner, t, spikes);
  const midpoint = checkBoolean(owner, "midpoint", options.midpoint ?? false);
  const interpolation = checkChoice(owner, "interpolation", options.interpolation ?? "zero", INTERPOLATIONS);
  const data = new Float64Array(steps * neurons);
  spikesToEvents(t, spikes).forEach((events, i) => {
    if (events.length < 2) return;
    const rates = Array.from(events.slice(1), (time, k) => [events[k], 1 / (time - events[k]), time] as const);
    const knots = new Map<number, number>([[times[0], 0]]);
    for (const [from, rate, to] of rates) knots.set(midpoint ? (from + to) / 2 : from, rate);
    if (!midpoint) knots.set(events[events.length - 1], 0);
    knots.set(times[steps - 1], 0);
    const value = curveThrough([...knots], interpolation);
    times.forEach((time, k) => (data[k * neurons + i] = value(time)));
  });
  return { shape: [steps, neurons], data };
}

const INTERPOLATIONS: readonly Interpolation[] = ["zero", "linear", "nearest", "slinear", "quadratic", "cubic"];

function curveThrough(knots: readonly (readonly [number, number])[], interpolation: Interpolation): (t: number) => number {
  if (interpolation === "zero") return (t) => knots.findLast(([time]) => time <= t)?.[1] ?? 0;
  const curve = new Piecewise({ data: knots, interpolation });
  const step = curve.makeStep({ sizeIn: 0, sizeOut: 1, dt: 1, rng: new RandomState(0), state: {} });
  const none = new Float64Array(0);
  return (t) => {
    const value = step(t, none);
    return typeof value === "number" ? value : value[0];
  };
}

const KERNELS = ["gauss", "expon", "alpha"] as const;

/** Options of {@link ratesKernel}. */
export interface RatesKernelOptions {
  /**
   * What every spike is smeared to: a Gaussian of standard deviation `tau / 2`; `exp(-t / tau) / tau`; or `t exp(-t / tau) / tau^2`. The
   * last two are moved to the left by `tau`, so that rates do not lag behind. @defaultValue "gauss"
   */
  readonly kind?: (typeof KERNELS)[number];
  /** Seconds, > 0. @defaultValue 0.04 */
  readonly tau?: number;
}

/**
 * Firing rates (Hz) `[steps, neurons]` by smearing spikes over time. The kernels are cut off at +-2 tau (Gaussian) or 5 tau.
 * @param t - times `[steps]` (s)
 * @param spikes - a probe's data `[steps, neurons]`, 1 / dt for a spike
 */
export function ratesKernel(t: ArrayLike_, spikes: ArrayLike_, options: RatesKernelOptions = {}): NdArray {
  const owner = "ratesKernel";
  const { dt, spikes: array, steps, neurons } = recorded(owner, t, spikes);
  const kind = checkChoice(owner, "kind", options.kind ?? "gauss", KERNELS);
  const tau = checkNumber(owner, "tau", options.tau ?? 0.04, { above: 0 });
  const { taps, before } = kernelOf(kind, tau, dt);
  const data = new Float64Array(steps * neurons);
  for (let k = 0; k < steps; k++) {
    for (let i = 0; i < neurons; i++) {
      const height = array.data[k * neurons + i];
      if (height === 0) continue;
      for (let j = 0; j < taps.length; j++) {
        const at = k + j - before;
        if (at >= 0 && at < steps) data[at * neurons + i] += height * taps[j] * dt;
      }
    }
  }
  return { shape: [steps, neurons], data };
}

/** Values of a kernel every dt, and how many of them lie before the spike. */
function kernelOf(kind: (typeof KERNELS)[number], tau: number, dt: number): { taps: Float64Array; before: number } {
  // One step more or less by rounding would be a tap more.
  const count = (duration: number): number => Math.ceil(duration / dt - 1e-9);
  if (kind === "gauss") {
    const std = tau / 2;
    const taps = Float64Array.from({ length: count(4 * tau) }, (_, k) => {
      const x = (k * dt - 2 * tau) / std;
      return Math.exp(-(x * x) / 2) / (std * Math.sqrt(2 * Math.PI));
    });
    return { taps, before: Math.floor(taps.length / 2) };
  }
  const taps = Float64Array.from({ length: count(5 * tau) }, (_, k) => {
    const x = (k * dt) / tau;
    return ((kind === "alpha" ? x : 1) * Math.exp(-x)) / tau;
  });
  return { taps, before: Math.round(tau / dt) };
}
