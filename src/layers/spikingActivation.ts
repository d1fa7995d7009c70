import * as tf from "@tensorflow/tfjs-core";
import { checkBoolean, checkNumber } from "../declared.ts";
import { spikes } from "../engines/tfjs/spikes.ts";
import type { RandomState } from "../math/random.ts";
import { Activation, type ActivationLike, type SavedActivation } from "./activation.ts";
import { adoptWeights } from "./adoptWeights.ts";
import { TemporalLayer, type Shape, type StateSpec, type TemporalArgs, type TemporalCall, type TemporalResult } from "./temporalLayer.ts";

/** Arguments of {@link SpikingActivation}. */
export interface SpikingActivationArgs extends TemporalArgs {
  /** A name that tfjs knows ("relu"), an activation layer (`tf.layers.leakyReLU()`), or a function of tensors `[rows, ...features]`. */
  activation: ActivationLike;
  /** Whether training runs spikes too (with the activation's derivative), or the activation itself. @defaultValue true */
  spikingAwareTraining?: boolean;
  /** How many times as many spikes there are, each so much smaller: the output's mean stays. @defaultValue 1 */
  scaleFiringRates?: number;
  /**
   * Voltage of all units at the start, from 0 to 1 (a spike): with 0.5 a sum is rounded to whole spikes, not rounded down. Null: drawn
   * uniformly. @defaultValue null
   */
  initialVoltage?: number | null;
}

/** Largest float32 below 1. */
const BELOW_ONE = 1 - 2 ** -24;

/**
 * Any activation as spikes: every unit sums its activation up over time, and the whole part of the sum leaves as spikes of height
 * 1 / dt, so that the output's mean is the activation. Input and output `[batch, steps, ...features]`; state `voltage`,
 * `[batch, ...features]`, from 0 to below 1, at the start uniformly drawn or `initialVoltage`. Negative activations give negative spikes.
 *
 * The gradient is the activation's own at every step; none flows through the voltage. Sums are kept in float64 within a call (on the
 * backends cpu, wasm and tensorflow), states that are handed on in float32.
 * @throws ValidationError for unknown activations, and as all layers over time
 */
export class SpikingActivation extends TemporalLayer {
  static className = "NengoSpikingActivation";
  readonly spikingAwareTraining: boolean;
  readonly scaleFiringRates: number;
  readonly initialVoltage: number | null;
  private readonly activation: Activation;

  constructor(args: SpikingActivationArgs) {
    const {
      activation,
      spikingAwareTraining = true,
      scaleFiringRates = 1,
      initialVoltage = null,
      ...rest
    } = args as Omit<SpikingActivationArgs, "activation"> & {
      activation: ActivationLike | SavedActivation;
    };
    super(rest);
    this.activation = new Activation(this.owner, activation);
    this.spikingAwareTraining = checkBoolean(this.owner, "spikingAwareTraining", spikingAwareTraining);
    this.scaleFiringRates = checkNumber(this.owner, "scaleFiringRates", scaleFiringRates, { above: 0 });
    this.initialVoltage = initialVoltage === null ? null : checkNumber(this.owner, "initialVoltage", initialVoltage, { min: 0, max: 1 });
  }

  /** Makes the weights, once the features are known. */
  override build(inputShape: Shape | Shape[]): void {
    super.build(inputShape);
    this.activation.build(this.featureShape);
    if (this.activation.layer !== null) adoptWeights(this, this.activation.layer);
  }

  protected override stateSpecs(): readonly StateSpec[] {
    return [{ name: "voltage", shape: this.featureShape }];
  }

  protected override initialValues(batch: number, rng: RandomState): readonly Float32Array[] {
    if (this.initialVoltage !== null) return [new Float32Array(batch * this.units).fill(Math.min(this.initialVoltage, BELOW_ONE))];
    return [Float32Array.from(rng.uniforms(batch * this.units, 0, 1), (v) => Math.min(v, BELOW_ONE))];
  }

  protected override steps({ x, states, batch, nSteps, training }: TemporalCall): TemporalResult {
    const rows = tf.reshape(x, [batch * nSteps, ...this.featureShape]);
    const rates = tf.reshape<tf.Rank.R3>(this.activation.apply(rows, training), [batch, nSteps, this.units]);
    if (training && !this.spikingAwareTraining) return { output: rates, states };
    // Rates times k, divided by k: as if a step were k times as long.
    const { output, voltage } = spikes(rates, states[0], this.dt * this.scaleFiringRates);
    return { output, states: [voltage] };
  }

  /** The arguments, from which `fromConfig` makes the layer again. */
  override getConfig(): tf.serialization.ConfigDict {
    const { spikingAwareTraining, scaleFiringRates, initialVoltage } = this;
    return { ...super.getConfig(), activation: { ...this.activation.save() }, spikingAwareTraining, scaleFiringRates, initialVoltage };
  }
}
tf.serialization.registerClass(SpikingActivation);

/** Makes a {@link SpikingActivation}. */
export const spikingActivation = (args: SpikingActivationArgs): SpikingActivation => new SpikingActivation(args);
