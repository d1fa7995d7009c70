import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { Scan } from "../engines/tfjs/scan.ts";
import { ValidationError, describe } from "../errors.ts";
import type { Signal } from "../ir/signal.ts";
import { LinearFilter } from "../synapses/linearFilter.ts";
import { fixedFilter } from "./filters/fixedFilter.ts";
import { configOf, layerFromConfig, type LayerConfig } from "./innerLayer.ts";
import { isLayer } from "./tensorNode.ts";
import { TemporalLayer, type Shape, type StateSpec, type TemporalArgs, type TemporalCall, type TemporalResult } from "./temporalLayer.ts";

/** Arguments of {@link MaxGate}. */
export interface MaxGateArgs extends TemporalArgs {
  /** A max pooling layer of items `[batch, ...features]`. */
  layer: tfl.layers.Layer | LayerConfig;
}

/** Sums up all inputs so far, the present one too. */
const sum = new LinearFilter({ num: [1], den: [1, -1], analog: false });

/**
 * Max pooling of spikes. The maximum of single steps would count the spikes of a whole window; this gate passes on what the maximum of
 * the sums so far gains in a step, so that what has come out is always the maximum of what has come in. Input and output
 * `[batch, steps, ...]`; state: the sums.
 * @throws ValidationError for what is no max pooling layer
 */
export class MaxGate extends TemporalLayer {
  static className = "NengoMaxGate";
  readonly layer: tfl.layers.Layer;
  private prepared: { readonly scan: Scan; readonly states: readonly Signal[] } | null = null;

  constructor({ layer, ...rest }: MaxGateArgs) {
    super(rest);
    const made = isLayer(layer) || typeof layer !== "object" ? layer : layerFromConfig(layer, this.owner);
    if (!isLayer(made) || !/^(Nengo)?(Global)?MaxPool/.test(made.getClassName()))
      throw new ValidationError({ owner: this.owner, parameter: "layer", expected: "a max pooling layer", got: describe(layer) });
    this.layer = made;
  }

  /** Makes the weights, once the features are known. */
  override build(inputShape: Shape | Shape[]): void {
    super.build(inputShape);
    if (!this.layer.built) this.layer.build([null, ...this.featureShape]);
    this.layer.built = true;
    this.prepared?.scan.dispose();
    const { program, states } = fixedFilter(sum, this.units, this.dt);
    this.prepared = { scan: new Scan(program, { owner: this.owner, fed: ["x"], recorded: ["y"], states }), states };
  }

  protected override outputFeatures(features: readonly number[]): readonly number[] {
    return (this.layer.computeOutputShape([1, ...features]) as number[]).slice(1);
  }

  protected override stateSpecs(): readonly StateSpec[] {
    return [{ name: "sums", shape: this.featureShape }];
  }

  protected override steps({ x, states, batch, nSteps }: TemporalCall): TemporalResult {
    const { records, states: after } = this.prepared!.scan.run({ feeds: [x], blocks: [], states }, { batch, nSteps });
    const sums = tf.concat3d([tf.expandDims<tf.Tensor3D>(states[0], 1), records[0]], 1);
    const pooled = [this.layer.call(tf.reshape(sums, [batch * (nSteps + 1), ...this.featureShape]), {})].flat()[0];
    const highest = tf.reshape<tf.Rank.R3>(pooled, [batch, nSteps + 1, -1]);
    const size = highest.shape[2];
    const [later, before] = [1, 0].map((from) => tf.slice3d(highest, [0, from, 0], [batch, nSteps, size]));
    return { output: tf.sub(later, before), states: after };
  }

  /** Frees weights, and the engine's memory. */
  override dispose(): ReturnType<TemporalLayer["dispose"]> {
    const result = super.dispose();
    if (result.refCountAfterDispose === 0) this.prepared?.scan.dispose();
    return result;
  }

  /** The arguments, from which `fromConfig` makes the layer again. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), layer: configOf(this.layer) };
  }
}
tf.serialization.registerClass(MaxGate);

/** Max pooling of spikes: see {@link MaxGate}. */
export const maxGate = (args: MaxGateArgs): MaxGate => new MaxGate(args);
