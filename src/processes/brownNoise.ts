import { freeze } from "../declared.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { LinearFilter } from "../synapses/index.ts";
import { checkDist, noiseThrough } from "./filteredNoise.ts";
import { Process, sourceParameters, type ProcessContext, type ProcessStep, type SourceOptions } from "./process.ts";

export interface BrownNoiseOptions extends SourceOptions {
  /** Of every step's changes. @defaultValue new Gaussian({mean: 0, std: 1}) */
  readonly dist?: Distribution;
}

const integral = new LinearFilter({ num: [1], den: [1, 0], method: "euler" });

/** Integrated white noise: a random walk. */
export class BrownNoise extends Process {
  static override readonly type: string = "BrownNoise";
  static override readonly parameters: readonly string[] = ["dist", ...sourceParameters];
  readonly dist: Distribution;

  constructor(options: BrownNoiseOptions = {}) {
    super(options);
    this.dist = checkDist(this.type, options.dist);
    freeze(this, new.target, BrownNoise);
  }

  override makeStep(context: ProcessContext): ProcessStep {
    return noiseThrough(integral, { dist: this.dist, scale: true }, context);
  }
}
