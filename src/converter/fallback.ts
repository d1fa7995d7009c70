import type { serialization } from "@tensorflow/tfjs-core";
import { concat, reshape, split, tidy, type Tensor } from "@tensorflow/tfjs-core";
import { layers as tfLayers, type LayerVariable, type layers } from "@tensorflow/tfjs-layers";
import { ConversionError } from "../errors.ts";
import { settingsOf as configOf } from "../layers/innerLayer.ts";
import type { Context } from "./context.ts";
import type { LayerConverter } from "./converter.ts";
import type { ItemShape, LayerCall } from "./graph.ts";
import type { ConvertSettings } from "./options.ts";
import { sizeOf, type Port } from "./port.ts";

/**
 * Puts a copy of a layer into a tensor node, with weights of its own.
 * @throws ConversionError where that is not allowed, or would be another function
 */
export function fallback(
  call: LayerCall,
  context: Context,
  reasons: readonly string[],
  converter: LayerConverter | null,
  { allowFallback, temporalModel }: ConvertSettings,
): Port {
  const { layer, path } = call;
  const against = [
    ...(allowFallback ? [] : ["the fallback is off"]),
    ...(converter?.noFallback?.(call) ?? []),
    ...(layer.stateful ? ["it keeps a state between calls"] : []),
    ...(temporalModel ? ["a tensor node sees one step at a time"] : []),
    ...(call.outputs.length > 1 ? [`it has ${call.outputs.length} outputs`] : []),
  ];
  if (against.length > 0)
    throw new ConversionError(
      {
        owner: `convert of layer ${JSON.stringify(path)}`,
        expected: "a layer that has a counterpart in a network",
        got: `${layer.getClassName()}: ${[...reasons, ...against].join("; ")}`,
        fix: "Register a converter (Converter.register), or leave the layer out",
      },
      { layer: path },
    );
  context.notes.push(...reasons.map((reason) => `computed by tfjs in a tensor node: ${reason}`));
  const shapes = call.inputs.map(({ shape }) => shape);
  const copy = copyLayer(layer, shapes, path);
  context.copies.push({ source: layer, copy });
  const inner = shapes.length === 1 ? copy : new SeveralInputs(copy, shapes);
  return context.layerNode(
    shapes.map((_, k) => context.input(k)),
    inner,
    call.outputs[0].shape,
  );
}

/** A layer of the same configuration with equal weights. */
export function copyLayer(layer: layers.Layer, shapes: readonly ItemShape[], path: string): layers.Layer {
  const Class = layer.constructor as serialization.SerializableConstructor<layers.Layer> & {
    fromConfig(cls: unknown, config: serialization.ConfigDict): layers.Layer;
  };
  try {
    const copy = Class.fromConfig(Class, configOf(layer));
    const whole = shapes.map((shape) => [null, ...shape]);
    if (!copy.built) copy.build(whole.length === 1 ? whole[0] : whole);
    copy.built = true;
    tidy(() => {
      copy.setWeights(layer.getWeights());
    });
    copy.trainable = layer.trainable;
    return copy;
  } catch (error) {
    throw new ConversionError(
      {
        owner: `convert of layer ${JSON.stringify(path)}`,
        expected: "a layer that its own configuration makes again",
        got: error instanceof Error ? error.message : String(error),
        fix: "Give its class a getConfig that its constructor takes",
      },
      { layer: path, cause: error },
    );
  }
}

/** A layer of several inputs as one of a single input: their numbers one after the other. */
class SeveralInputs extends tfLayers.Layer {
  static className = "NengoSeveralInputs";
  private readonly inner: layers.Layer;
  private readonly shapes: readonly ItemShape[];

  constructor(inner: layers.Layer, shapes: readonly ItemShape[]) {
    super({ name: inner.name });
    this.inner = inner;
    this.shapes = shapes;
    this.built = true;
  }

  override get trainableWeights(): LayerVariable[] {
    return this.inner?.trainableWeights ?? [];
  }
  override get nonTrainableWeights(): LayerVariable[] {
    return this.inner?.nonTrainableWeights ?? [];
  }

  override call(inputs: Tensor | Tensor[], kwargs: Record<string, unknown>): Tensor | Tensor[] {
    return tidy(() => {
      const x = Array.isArray(inputs) ? concat(inputs) : inputs;
      const parts = split(
        x,
        this.shapes.map((shape) => sizeOf(shape)),
        1,
      );
      const shaped = parts.map((part, k) => reshape(part, [-1, ...this.shapes[k]]));
      return this.inner.apply(shaped, kwargs) as Tensor | Tensor[];
    });
  }
}
