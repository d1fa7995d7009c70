import * as tf from "@tensorflow/tfjs-core";
import { checkInteger, checkNumber } from "../../declared.ts";
import { ValidationError } from "../../errors.ts";
import type { TemporalCall, TemporalResult } from "../temporalLayer.ts";
import { EncoderLayer, type EncoderArgs } from "./encoderLayer.ts";

/** Arguments of {@link PopulationEncoder}. */
export interface PopulationEncoderArgs extends EncoderArgs {
  /** Units a feature, at least 2, the values they prefer evenly from `low` to `high`. */
  units: number;
  /** @defaultValue -1 */
  low?: number;
  /** @defaultValue 1 */
  high?: number;
  /** Standard deviation of a tuning curve. @defaultValue the distance of two neighbours */
  width?: number;
  /** Hz at the preferred value. @defaultValue 100 */
  maxRate?: number;
}

/**
 * Every feature as the rates (Hz) of a population with Gaussian tuning curves, `maxRate exp(-(x - preferred)^2 / (2 width^2))`. Input
 * `[batch, ...features]` with `steps`, else `[batch, steps, ...features]`; output `[batch, steps, ...features, units]`. It gives rates;
 * a spiking activation or {@link RateEncoder} (with `maxRate: 1`) after it make spikes of them.
 */
export class PopulationEncoder extends EncoderLayer {
  static className = "NengoPopulationEncoder";
  readonly unitsPerFeature: number;
  readonly low: number;
  readonly high: number;
  readonly width: number;
  readonly maxRate: number;

  constructor(args: PopulationEncoderArgs) {
    const { units, low = -1, high = 1, width, maxRate = 100, ...rest } = args;
    super(rest);
    const { owner } = this;
    this.unitsPerFeature = checkInteger(owner, "units", units, { min: 2 });
    this.low = checkNumber(owner, "low", low);
    this.high = checkNumber(owner, "high", high);
    if (high <= low) throw new ValidationError({ owner, parameter: "high", expected: `a number above low (${low})`, got: `${high}` });
    this.width = checkNumber(owner, "width", width ?? (high - low) / (units - 1), { above: 0 });
    this.maxRate = checkNumber(owner, "maxRate", maxRate, { above: 0 });
  }

  protected override outputFeatures(features: readonly number[]): readonly number[] {
    return [...features, this.unitsPerFeature];
  }

  protected override steps({ x, batch, nSteps }: TemporalCall): TemporalResult {
    const { unitsPerFeature: n, width, maxRate } = this;
    const distance = tf.div(tf.sub(tf.expandDims(x, -1), tf.linspace(this.low, this.high, n)), width);
    const rates = tf.mul(tf.exp(tf.mul(tf.square(distance), -0.5)), maxRate);
    return { output: tf.reshape<tf.Rank.R3>(rates, [batch, nSteps, this.units * n]), states: [] };
  }

  /** What makes the same layer again. */
  override getConfig(): tf.serialization.ConfigDict {
    const { unitsPerFeature: units, low, high, width, maxRate } = this;
    return { ...super.getConfig(), units, low, high, width, maxRate };
  }
}
tf.serialization.registerClass(PopulationEncoder);

/** Values as the activity of populations: see {@link PopulationEncoder}. */
export const populationEncoder = (args: PopulationEncoderArgs): PopulationEncoder => new PopulationEncoder(args);
