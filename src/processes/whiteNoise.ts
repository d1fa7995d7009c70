import { checkBoolean, freeze } from "../declared.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { checkDist, noiseThrough } from "./filteredNoise.ts";
import { Process, sourceParameters, type ProcessContext, type ProcessStep, type SourceOptions } from "./process.ts";

export interface WhiteNoiseOptions extends SourceOptions {
  /** Of every step's values. @defaultValue new Gaussian({mean: 0, std: 1}) */
  readonly dist?: Distribution;
  /** Divide by sqrt(dt), so that the power per Hz does not depend on dt. @defaultValue true */
  readonly scale?: boolean;
}

/** Independent draws at every step. */
export class WhiteNoise extends Process {
  static override readonly type: string = "WhiteNoise";
  static override readonly parameters: readonly string[] = ["dist", "scale", ...sourceParameters];
  readonly dist: Distribution;
  readonly scale: boolean;

  constructor(options: WhiteNoiseOptions = {}) {
    super(options);
    this.dist = checkDist(this.type, options.dist);
    this.scale = checkBoolean(this.type, "scale", options.scale ?? true);
    freeze(this, new.target, WhiteNoise);
  }

  override makeStep(context: ProcessContext): ProcessStep {
    return noiseThrough(null, this, context);
  }
}
