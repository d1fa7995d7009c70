import type { Tensor } from "@tensorflow/tfjs-core";
import type { LayerCall, ModelGraph, Value } from "../graph.ts";

/**
 * Runs the source model layer by layer, in a tidy.
 * @param look - is shown what every call gave
 * @returns the outputs
 */
export function runCalls(
  graph: ModelGraph,
  inputs: readonly Tensor[],
  look: (call: LayerCall, results: readonly Tensor[]) => void = () => undefined,
): Tensor[] {
  const values = new Map<Value, Tensor>(graph.inputs.map((value, k) => [value, inputs[k]]));
  for (const call of graph.calls) {
    const { layer, outputs } = call;
    const given = call.inputs.map((value) => values.get(value)!);
    const results =
      layer.getClassName() === "InputLayer" ? given : ([layer.apply(given.length === 1 ? given[0] : given)].flat() as Tensor[]);
    outputs.forEach((value, k) => values.set(value, results[k]));
    look(call, results);
  }
  return graph.outputs.map((value) => values.get(value)!);
}

/**
 * The same.
 * @param paths - calls whose values are wanted too
 * @returns the outputs, and first outputs of those calls by path
 */
export function runSource(
  graph: ModelGraph,
  inputs: readonly Tensor[],
  paths: ReadonlySet<string>,
): { readonly outputs: Tensor[]; readonly activations: Map<string, Tensor> } {
  const activations = new Map<string, Tensor>();
  const outputs = runCalls(graph, inputs, ({ path }, [first]) => {
    if (paths.has(path)) activations.set(path, first);
  });
  return { outputs, activations };
}
