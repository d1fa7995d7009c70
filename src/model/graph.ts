import { cast, type DataType, type Tensor } from "@tensorflow/tfjs-core";
import type { SymbolicTensor } from "@tensorflow/tfjs-layers";

type Layer = SymbolicTensor["sourceLayer"];

/** Extra arguments of a layer's call; tfjs puts `training` there inside `fit`, and nothing elsewhere. */
export type Kwargs = Record<string, unknown>;

/** Sees what a layer was given and what it gave. */
export type CallObserver = (layer: Layer, inputs: readonly Tensor[], outputs: readonly Tensor[]) => void;

/** One call of one layer; tensors are named by slots. */
interface Step {
  readonly layer: Layer;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Slots that nothing needs after this step. */
  readonly release: number[];
}

/**
 * The part of a layers graph that leads from `inputs` to `outputs`, run with every layer called once.
 * (tfjs 4.22 calls a layer once for each of its outputs that is fetched, so a network with three probes would run three times.)
 */
export class Graph {
  readonly #steps: Step[] = [];
  readonly #dtypes: DataType[] = [];
  readonly #inputCount: number;
  readonly #outputs: number[];

  constructor(inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[]) {
    const slots = new Map<number, number>();
    const slotOf = (tensor: SymbolicTensor): number => {
      const known = slots.get(tensor.id);
      if (known !== undefined) return known;
      slots.set(tensor.id, this.#dtypes.length);
      return this.#dtypes.push(tensor.dtype) - 1;
    };
    inputs.forEach(slotOf);
    this.#inputCount = inputs.length;

    const visit = (tensor: SymbolicTensor): void => {
      if (slots.has(tensor.id)) return;
      const node = tensor.sourceLayer.inboundNodes[tensor.nodeIndex];
      node.inputTensors.forEach(visit);
      this.#steps.push({
        layer: tensor.sourceLayer,
        inputs: node.inputTensors.map(slotOf),
        outputs: node.outputTensors.map(slotOf),
        release: [],
      });
    };
    outputs.forEach(visit);
    this.#outputs = outputs.map(slotOf);
    this.#planReleases();
  }

  #planReleases(): void {
    const lastUse = new Map<number, Step>();
    for (const step of this.#steps) {
      // A stateful layer keeps its tensors for the next call.
      if (!step.layer.stateful) for (const slot of step.outputs) lastUse.set(slot, step);
      for (const slot of step.inputs) if (lastUse.has(slot)) lastUse.set(slot, step);
    }
    for (const slot of this.#outputs) lastUse.delete(slot);
    for (const [slot, step] of lastUse) step.release.push(slot);
  }

  /**
   * The outputs' values for one batch. Call it inside a tidy or a tape: casts and masks are left to that.
   * Outside training, intermediate values are disposed as soon as nothing needs them; `onCall` sees them before.
   */
  run(inputs: readonly Tensor[], kwargs?: Kwargs, onCall?: CallObserver): Tensor[] {
    const values: (Tensor | undefined)[] = inputs.slice(0, this.#inputCount);
    const masks: (Tensor | null | undefined)[] = [];
    for (const { layer, inputs, outputs, release } of this.#steps) {
      const given = inputs.map((slot) => asType(values[slot]!, this.#dtypes[slot]));
      const givenMasks = inputs.map((slot) => masks[slot] ?? null);
      const masked = givenMasks.some((mask) => mask !== null);
      const results = listOf(layer.apply(given, masked ? { ...kwargs, mask: givenMasks[0] } : kwargs) as Tensor | Tensor[]);
      onCall?.(layer, given, results);
      const mask = layer.supportsMasking ? listOf(layer.computeMask(given, givenMasks as Tensor[]))[0] : null;
      outputs.forEach((slot, i) => {
        values[slot] = results[i];
        masks[slot] = mask;
      });
      if (kwargs?.["training"] !== true) discard(values, release);
    }
    return this.#outputs.map((slot) => values[slot]!);
  }

  /** Penalties (regularizers, activity losses) of the layers that {@link run} calls: scalars. */
  penalties(): Tensor[] {
    return this.#steps.flatMap(({ layer }) => layer.calculateLosses());
  }
}

const listOf = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

const asType = (tensor: Tensor, dtype: DataType): Tensor => (tensor.dtype === dtype ? tensor : cast(tensor, dtype));

/** Disposes the tensors in `release`, except one that another slot holds too (an LSTM gives its output and its state as one tensor). */
function discard(values: (Tensor | undefined)[], release: readonly number[]): void {
  for (const slot of release) {
    const value = values[slot];
    values[slot] = undefined;
    if (!values.includes(value)) value?.dispose();
  }
}
