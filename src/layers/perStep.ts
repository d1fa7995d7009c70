import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import { adoptWeights } from "./adoptWeights.ts";
import { configOf, layerFromConfig, type LayerConfig } from "./innerLayer.ts";
import type { LayerArgs, Shape } from "./temporalLayer.ts";
import { isLayer } from "./tensorNode.ts";

/** Arguments of {@link PerStep}. */
export interface PerStepArgs extends LayerArgs {
  /** A layer of items `[batch, ...features]` (or of several such inputs). */
  layer: tfl.layers.Layer | LayerConfig;
  /** An activation of the layer that stands behind it as neurons, for the way back; of conversions. */
  foldedActivation?: { name: string } | null;
}

/**
 * A layer applied to every step by itself: `[batch, steps, ...features]`, as if steps were items. Like tf.layers.timeDistributed, but all
 * steps in one call, and of layers with several inputs too. Its weights are the layer's.
 * @throws ValidationError for what is no layer, ShapeError for inputs without steps
 */
export class PerStep extends tfl.layers.Layer {
  static className = "NengoPerStep";
  readonly layer: tfl.layers.Layer;
  /** Name of the activation that was taken out of the layer; null: none. */
  readonly foldedActivation: string | null;

  constructor(args: PerStepArgs) {
    const { layer, foldedActivation = null, ...rest } = args;
    super(rest);
    const owner = `NengoPerStep ${JSON.stringify(this.name)}`;
    const made = isLayer(layer) || typeof layer !== "object" ? layer : layerFromConfig(layer, owner);
    if (!isLayer(made)) throw new ValidationError({ owner, parameter: "layer", expected: "a tf.layers.Layer", got: describe(layer) });
    this.layer = made;
    this.foldedActivation = foldedActivation?.name ?? null;
  }

  private shapes(inputShape: Shape | Shape[]): Shape[] {
    const shapes = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as Shape[];
    const short = shapes.find((shape) => shape.length < 2);
    if (short !== undefined)
      throw new ShapeError({
        owner: `NengoPerStep ${JSON.stringify(this.name)}`,
        expected: "inputs [batch, steps, ...features]",
        got: `[${short.map((n) => n ?? "?").join(", ")}]`,
      });
    return shapes;
  }

  private static ofItems(shapes: readonly Shape[]): Shape | Shape[] {
    const items = shapes.map(([batch, , ...features]) => [batch ?? null, ...features]);
    return items.length === 1 ? items[0] : items;
  }

  override build(inputShape: Shape | Shape[]): void {
    const { layer } = this;
    if (!layer.built) layer.build(PerStep.ofItems(this.shapes(inputShape)));
    layer.built = true;
    adoptWeights(this, layer);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor | tf.Tensor[] {
    return tf.tidy(() => {
      const given = [inputs].flat();
      this.shapes(given.map((x) => x.shape));
      const [batch, steps] = given[0].shape as [number, number];
      const { mask: _, ...rest } = kwargs;
      const merged = given.map((x) => tf.reshape(x, [batch * steps, ...x.shape.slice(2)]));
      const outputs = [this.layer.call(merged.length === 1 ? merged[0] : merged, rest)].flat();
      const split = outputs.map((y) => tf.reshape(y, [batch, steps, ...y.shape.slice(1)]));
      return split.length === 1 ? split[0] : split;
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const shapes = this.shapes(inputShape);
    const [batch, steps] = shapes[0];
    const computed = this.layer.computeOutputShape(PerStep.ofItems(shapes));
    const outputs = (Array.isArray(computed[0]) ? computed : [computed]) as Shape[];
    const split = outputs.map((shape): Shape => [batch, steps ?? null, ...shape.slice(1)]);
    return split.length === 1 ? split[0] : split;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { foldedActivation } = this;
    return {
      ...super.getConfig(),
      layer: configOf(this.layer),
      foldedActivation: foldedActivation === null ? null : { name: foldedActivation },
    };
  }
}
tf.serialization.registerClass(PerStep);

/** A layer applied to every step by itself: see {@link PerStep}. */
export const perStep = (args: PerStepArgs): PerStep => new PerStep(args);
