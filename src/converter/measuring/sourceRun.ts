import type { Tensor } from "@tensorflow/tfjs-core";
import type { ModelGraph, Value } from "../graph.ts";

/**
 * Runs the source model layer by layer, in a tidy.
 * @param paths - calls whose values are wanted too
 * @returns the outputs, and first outputs of those calls by path
 */
export function runSource(
  graph: ModelGraph,
  inputs: readonly Tensor[],
  paths: ReadonlySet<string>,
): { readonly outputs: Tensor[]; readonly activations: Map<string, Tensor> } {
  const values = new Map<Value, Tensor>(graph.inputs.map((value, k) => [value, inputs[k]]));
  const activations = new Map<string, Tensor>();
  for (const { layer, path, inputs: from, outputs } of graph.calls) {
    const given = from.map((value) => values.get(value)!);
    const results =
      layer.getClassName() === "InputLayer" ? given : ([layer.apply(given.length === 1 ? given[0] : given)].flat() as Tensor[]);
    outputs.forEach((value, k) => values.set(value, results[k]));
    if (paths.has(path)) activations.set(path, results[0]);
  }
  return { outputs: graph.outputs.map((value) => values.get(value)!), activations };
}
