import type * as tfl from "@tensorflow/tfjs-layers";
import { ConversionError } from "../../errors.ts";
import { title } from "./layerSpec.ts";
import type { MadeLayer } from "./makeLayer.ts";

/**
 * Which tensors of a model carry a mask (of steps that Embedding or Masking call empty), and which layers use one. tfjs hands one and the
 * same object of arguments to layer after layer, so that a recurrent layer would also get the mask or the initial state of another one.
 */
export class Masks {
  private readonly masked = new Set<tfl.SymbolicTensor>();
  private readonly users = new Map<tfl.layers.Layer, boolean>();

  /**
   * Notes a call.
   * @param asked - whether the file says that this call has a mask; undefined where it leaves that to the layers before
   * @throws ConversionError for a mask that tfjs would not know of, and a layer that has one in some of its calls only
   */
  note(made: MadeLayer, inputs: readonly tfl.SymbolicTensor[], outputs: readonly tfl.SymbolicTensor[], asked?: boolean): void {
    const { layer, spec } = made;
    const there = inputs.some((input) => this.masked.has(input));
    const uses = asked ?? there;
    const wrong = (expected: string, got: string) =>
      new ConversionError(
        { owner: title(spec), parameter: "mask", expected, got, fix: "Build the model without masks" },
        { layer: spec.name },
      );
    if (uses && !there) throw wrong("the mask of the layer's input", "another one");
    if (isRecurrent(layer)) {
      const before = this.users.get(layer);
      if (before === undefined) ownArguments(layer, uses && !("layer" in layer && !("forwardLayer" in layer)));
      else if (before !== uses) throw wrong("a mask in all calls of a recurrent layer, or in none", "one in some");
      this.users.set(layer, uses);
    }
    if (makesMask(layer) || (layer.supportsMasking && there && keepsSteps(layer))) this.masked.add(outputs[0]);
  }
}

/** Recurrent layers have a cell, Bidirectional two layers; TimeDistributed would hand the whole mask to the layer of one step. */
const isRecurrent = (layer: tfl.layers.Layer) => "cell" in layer || "layer" in layer || "forwardLayer" in layer;

const keepsSteps = (layer: tfl.layers.Layer) => !("returnSequences" in layer) || layer.returnSequences === true;

const makesMask = (layer: tfl.layers.Layer) => layer.getClassName() === "Masking" || (layer as { maskZero?: boolean }).maskZero === true;

/** Gives a layer arguments of its own: its mask if it has one, and no initial state but that among its inputs. */
function ownArguments(layer: tfl.layers.Layer, usesMask: boolean): void {
  const apply = layer.apply.bind(layer);
  layer.apply = (inputs, kwargs) => {
    const { mask, initialState, ...rest } = (kwargs ?? {}) as Record<string, unknown>;
    const own: Record<string, unknown> = usesMask ? { ...rest, mask } : rest;
    return apply(inputs, Array.isArray(inputs) || initialState === undefined ? own : { ...own, initialState });
  };
}
