import * as tf from "@tensorflow/tfjs-core";
import { LayersModel } from "@tensorflow/tfjs-layers";
import { Graph } from "../model/graph.ts";
import { ruleOf, timeRuleOf, type Layer, type LayerCost } from "./layerRule.ts";

/** A place in a model through which values go, known by its tensors. */
interface Edge {
  /** Whether axis 1 is time; null while it is not known. */
  time: boolean | null;
}

/** What was seen at one call of a layer. */
export interface Measured {
  readonly layer: Layer;
  readonly inputs: readonly Edge[];
  readonly outputs: readonly Edge[];
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  /** Mean absolute values. */
  readonly inputRate: number;
  readonly outputRate: number;
  readonly cost: LayerCost;
}

/** One batch through a model, every call of every layer seen, those of models within it included. */
export function measureBatch(model: LayersModel, batch: readonly tf.Tensor[]): Measured[] {
  let measured: Measured[] = [];
  tf.tidy(() => {
    const calls: (Omit<Measured, "cost"> & { values: readonly tf.Tensor[] })[] = [];
    const edges = new Map<number, Edge>();
    const edgeOf = (tensor: tf.Tensor): Edge => {
      let edge = edges.get(tensor.id);
      if (edge === undefined) edges.set(tensor.id, (edge = { time: null }));
      return edge;
    };
    const run = (inner: LayersModel, inputs: readonly tf.Tensor[]): tf.Tensor[] =>
      new Graph(inner.inputs, inner.outputs).run(inputs, {}, (layer, given, results) => {
        if (layer instanceof LayersModel) {
          const again = run(layer, given);
          // The same values twice: they are one place.
          results.forEach((result, k) => edges.set(result.id, edgeOf(again[k])));
          return;
        }
        calls.push({
          layer,
          inputs: given.map(edgeOf),
          outputs: results.map(edgeOf),
          inputShape: given[0]?.shape ?? [],
          outputShape: results[0].shape,
          inputRate: given.length === 0 ? 0 : meanAbsolute(given[0]),
          outputRate: meanAbsolute(results[0]),
          // A stateless copy: the graph frees values that nothing needs.
          values: given.map((value) => tf.clone(value)),
        });
      });
    run(model, batch);
    inferTime(calls);
    measured = calls.map(({ values, ...call }) => {
      const itemOf = (shape: readonly number[], edge: Edge | undefined): readonly number[] => shape.slice(edge?.time === true ? 2 : 1);
      const cost =
        ruleOf(call.layer)?.cost({
          layer: call.layer,
          input: itemOf(call.inputShape, call.inputs[0]),
          output: itemOf(call.outputShape, call.outputs[0]),
          values,
        }) ?? {};
      return { ...call, cost };
    });
  });
  return measured;
}

const meanAbsolute = (x: tf.Tensor): number => tf.tidy(() => tf.mean(tf.abs(tf.cast(x, "float32"))).dataSync()[0]);

/** What layers say of their own inputs and outputs goes through those that keep time as it comes, in both directions. */
function inferTime(calls: readonly Pick<Measured, "layer" | "inputs" | "outputs">[]): void {
  const known: Readonly<Record<string, readonly [boolean | null, boolean | null]>> = {
    over: [true, true],
    starts: [false, true],
    ends: [true, false],
  };
  const set = (places: readonly Edge[], time: boolean | null): boolean => {
    let changed = false;
    for (const place of places.slice(0, time === null ? 0 : undefined)) {
      if (place.time !== null) continue;
      place.time = time;
      changed = true;
    }
    return changed;
  };
  let changed = true;
  while (changed) {
    changed = false;
    for (const { layer, inputs, outputs } of calls) {
      const rule = timeRuleOf(layer);
      if (rule === "keeps") {
        const places = [...inputs, ...outputs];
        changed = set(places, places.find((place) => place.time !== null)?.time ?? null) || changed;
      } else if (rule !== "none") {
        // Only the first input and output: the others are states.
        changed = set(inputs.slice(0, 1), known[rule][0]) || changed;
        changed =
          set(
            rule === "over" && outputs.length > 1 && layer.getClassName() === "NengoNetwork" ? outputs : outputs.slice(0, 1),
            known[rule][1],
          ) || changed;
      }
    }
  }
}
