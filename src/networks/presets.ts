import { Choice, Exponential, Uniform } from "../distributions/index.ts";
import { number } from "../network/checks.ts";
import type { EnsembleOptions } from "../network/index.ts";
import { parameter, resolveOptions } from "../network/parameters.ts";
import { required } from "./options.ts";

/** Options of the preset `thresholdingEnsembles`. */
export interface ThresholdingEnsemblesOptions {
  /** Below it nothing fires. */
  readonly threshold: number;
  /** How far intercepts spread above the threshold; smaller makes a sharper edge. @defaultValue 0.15 */
  readonly interceptWidth?: number;
  /** @defaultValue 1 */
  readonly radius?: number;
}

/** Options and their defaults. */
export const parameters = {
  threshold: required(number()),
  interceptWidth: parameter(0.15, number({ above: 0 })),
  radius: parameter(1, number({ above: 0 })),
};

/**
 * Options for ensembles that stand for values above a threshold, for one ensemble or for all of a network:
 * `network.ensemble(n, 1, thresholdingEnsembles({threshold: 0.3}))`, `network.config.ensemble.set(thresholdingEnsembles({threshold: 0.3}))`.
 */
export function thresholdingEnsembles(options: ThresholdingEnsemblesOptions): EnsembleOptions {
  const { threshold, interceptWidth, radius } = resolveOptions("thresholdingEnsembles", parameters, options, []);
  return {
    radius,
    intercepts: new Exponential({ scale: interceptWidth, shift: threshold, high: radius }),
    encoders: new Choice({ options: [[1]] }),
    evalPoints: new Uniform({ low: threshold / radius, high: 1 }),
  };
}
