import { checkNumber } from "../declared.ts";
import { Choice, Exponential, Uniform } from "../distributions/index.ts";
import type { EnsembleOptions } from "../network/index.ts";

/** Options for ensembles that stand for values above a threshold: `network.ensemble(n, 1, presets.thresholdingEnsembles({threshold: 0.3}))`. */
export function thresholdingEnsembles({
  threshold,
  interceptWidth = 0.15,
  radius = 1,
}: {
  /** Below it nothing fires. */
  readonly threshold: number;
  /** How far intercepts spread above the threshold; smaller makes a sharper edge. @defaultValue 0.15 */
  readonly interceptWidth?: number;
  /** @defaultValue 1 */
  readonly radius?: number;
}): EnsembleOptions {
  const owner = "thresholdingEnsembles";
  checkNumber(owner, "threshold", threshold);
  checkNumber(owner, "interceptWidth", interceptWidth, { above: 0 });
  checkNumber(owner, "radius", radius, { above: 0 });
  return {
    radius,
    intercepts: new Exponential({ scale: interceptWidth, shift: threshold, high: radius }),
    encoders: new Choice({ options: [[1]] }),
    evalPoints: new Uniform({ low: threshold / radius, high: 1 }),
  };
}
