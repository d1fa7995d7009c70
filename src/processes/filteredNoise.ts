import { checkBoolean, freeze } from "../declared.ts";
import { Distribution } from "../distributions/distribution.ts";
import { Gaussian } from "../distributions/gaussian.ts";
import { ValidationError, describe } from "../errors.ts";
import { asSynapse, type SynapseLike } from "../synapses/asSynapse.ts";
import { Lowpass } from "../synapses/index.ts";
import type { Synapse } from "../synapses/synapse.ts";
import { Process, sourceParameters, type ProcessContext, type ProcessStep, type SourceOptions } from "./process.ts";

export interface FilteredNoiseOptions extends SourceOptions {
  /** What the noise goes through, without delay; a number is the time constant (s) of a Lowpass, null nothing. @defaultValue 0.005 */
  readonly synapse?: SynapseLike;
  /** Of every step's values. @defaultValue new Gaussian({mean: 0, std: 1}) */
  readonly dist?: Distribution;
  /** Divide by sqrt(dt), so that the power per Hz does not depend on dt. @defaultValue true */
  readonly scale?: boolean;
}

/** White noise through a synapse. */
export class FilteredNoise extends Process {
  static override readonly type: string = "FilteredNoise";
  static override readonly parameters: readonly string[] = ["synapse", "dist", "scale", ...sourceParameters];
  readonly synapse: Synapse | null;
  readonly dist: Distribution;
  readonly scale: boolean;

  constructor(options: FilteredNoiseOptions = {}) {
    super(options);
    this.synapse = options.synapse === undefined ? new Lowpass({ tau: 0.005 }) : asSynapse(options.synapse, this.type);
    this.dist = checkDist(this.type, options.dist);
    this.scale = checkBoolean(this.type, "scale", options.scale ?? true);
    freeze(this, new.target, FilteredNoise);
  }

  override makeStep(context: ProcessContext): ProcessStep {
    return noiseThrough(this.synapse, this, context);
  }
}

/** Draws of every step through a synapse. */
export function noiseThrough(
  synapse: Synapse | null,
  { dist, scale }: { readonly dist: Distribution; readonly scale: boolean },
  { sizeOut, dt, rng }: ProcessContext,
): ProcessStep {
  const factor = scale ? 1 / Math.sqrt(dt) : 1;
  const filter = synapse?.makeStep({ dt, size: sizeOut, y0: null }) ?? ((x: Float64Array) => x);
  return () => filter(dist.sample(1, sizeOut, rng).map((v) => v * factor));
}

/** @throws ValidationError unless it is a distribution */
export function checkDist(owner: string, dist: unknown): Distribution {
  if (dist === undefined) return new Gaussian({ mean: 0, std: 1 });
  if (!(dist instanceof Distribution))
    throw new ValidationError({ owner, parameter: "dist", expected: "a distribution", got: describe(dist) });
  return dist;
}
