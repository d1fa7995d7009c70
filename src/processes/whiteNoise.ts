import { checkBoolean, freeze } from "../declared.ts";
import { Distribution } from "../distributions/distribution.ts";
import { Gaussian } from "../distributions/gaussian.ts";
import { ValidationError, describe } from "../errors.ts";
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
    this.dist = options.dist ?? new Gaussian({ mean: 0, std: 1 });
    if (!(this.dist instanceof Distribution))
      throw new ValidationError({ owner: this.type, parameter: "dist", expected: "a distribution", got: describe(this.dist) });
    this.scale = checkBoolean(this.type, "scale", options.scale ?? true);
    freeze(this, new.target, WhiteNoise);
  }

  override makeStep({ sizeOut, dt, rng }: ProcessContext): ProcessStep {
    const factor = this.scale ? 1 / Math.sqrt(dt) : 1;
    return () => this.dist.sample(1, sizeOut, rng).map((v) => v * factor);
  }
}
