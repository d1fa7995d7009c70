import type { LayerVariable, layers } from "@tensorflow/tfjs-layers";
import { transpose } from "../../math/linalg.ts";
import { Convolution, Dense } from "../../transforms/index.ts";
import { activationOf, type TfjsActivation } from "../activations.ts";
import { converterFor } from "../converter.ts";
import { sizeOf } from "../port.ts";

/** What is used of a Dense layer. */
interface DenseLayer extends layers.Layer {
  readonly units: number;
  readonly activation: TfjsActivation | null;
  readonly kernel: LayerVariable;
  readonly bias: LayerVariable | null;
}

/** One matrix; on several positions, a convolution of kernel size 1. */
export const dense = converterFor<DenseLayer>("Dense", {
  foldable: true,
  temporal: true,
  convert({ layer }, context) {
    const from = context.input();
    const inputs = from.shape.at(-1)!;
    const positions = sizeOf(from.shape) / inputs;
    const { units } = layer;
    const kernel = Float64Array.from(context.values(layer.kernel));
    const transform =
      positions === 1
        ? new Dense({ shape: [units, inputs], init: { shape: [units, inputs], data: transpose(kernel, inputs, units) } })
        : new Convolution({
            nFilters: units,
            inputShape: [positions, inputs],
            kernelSize: [1],
            strides: [1],
            init: { shape: [1, inputs, units], data: kernel },
          });
    const fromTransform = positions === 1 ? (values: Float64Array) => transpose(values, units, inputs) : undefined;
    return context.stage({
      shape: context.outputShape,
      terms: [{ from, transform, weight: { variable: layer.kernel, ...(fromTransform === undefined ? {} : { fromTransform }) } }],
      bias: layer.bias === null ? null : { values: context.values(layer.bias), variable: layer.bias },
      activation: activationOf(layer.activation),
    });
  },
});
