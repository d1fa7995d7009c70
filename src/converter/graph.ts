import { LayersModel, type SymbolicTensor, type layers } from "@tensorflow/tfjs-layers";
import { ConversionError } from "../errors.ts";

/*
 * tfjs keeps a model as layers with inbound nodes, one a call; a symbolic tensor names its layer and the node that made it. A model
 * called as a layer has its own graph inside. Here all of it is one list of calls.
 */

/** Sizes of one item; the batch is left out. */
export type ItemShape = readonly number[];

/** A tensor of the flat graph. */
export interface Value {
  /** Of the layer's own model; the same one stands for several values where a nested model is called several times. */
  readonly tensor: SymbolicTensor;
  /** Names of the nested models and of the layer, with "/" between them. */
  readonly path: string;
  readonly shape: ItemShape;
}

/** One call of one layer. */
export interface LayerCall<L extends layers.Layer = layers.Layer> {
  readonly layer: L;
  /** Names of the nested models and of the layer, with "/" between them. */
  readonly path: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/** A model as a list of calls. */
export interface ModelGraph {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** Each after all that its inputs come from. */
  readonly calls: readonly LayerCall[];
}

/** What is said of shapes beside the model. */
export interface GraphOptions {
  /** The second axis is time: it is left out of all shapes. */
  readonly temporal: boolean;
  /** Shapes of the inputs, where the model leaves sizes open. */
  readonly inputShapes: readonly ItemShape[] | null;
}

/** A call in tfjs. */
interface InboundNode {
  readonly inputTensors: readonly SymbolicTensor[];
  readonly outputTensors: readonly SymbolicTensor[];
}

/** Values of the tensors of one model (or one call of a nested model). */
interface Scope {
  readonly path: string;
  readonly values: Map<SymbolicTensor, Value>;
}

const joined = (path: string, name: string): string => (path === "" ? name : `${path}/${name}`);
const nodeOf = ({ sourceLayer, nodeIndex }: SymbolicTensor): InboundNode => sourceLayer.inboundNodes[nodeIndex];

/**
 * Flattens a model: nested models are inlined, a layer called several times gives several calls.
 * @throws ConversionError where sizes are left open, or time is not the second axis of a temporal model's tensors
 */
export function modelGraph(model: LayersModel, options: GraphOptions): ModelGraph {
  const calls: LayerCall[] = [];
  const done = new Map<string, Map<InboundNode, readonly Value[]>>();

  const visit = (tensor: SymbolicTensor, scope: Scope): Value => {
    const known = scope.values.get(tensor);
    if (known !== undefined) return known;
    const node = nodeOf(tensor);
    const layer = tensor.sourceLayer;
    const path = joined(scope.path, layer.name);
    const inputs = node.inputTensors.map((input) => visit(input, scope));
    const outputs = layer instanceof LayersModel ? inline(layer, node, inputs, path) : call(layer, node, inputs, path);
    node.outputTensors.forEach((output, k) => scope.values.set(output, outputs[k]));
    return scope.values.get(tensor)!;
  };

  const call = (layer: layers.Layer, node: InboundNode, inputs: readonly Value[], path: string): readonly Value[] => {
    const shapes = shapesOf(layer, inputs, options.temporal, path);
    const outputs = node.outputTensors.map((tensor, k): Value => ({ tensor, path, shape: shapes[k] }));
    calls.push({ layer, path, inputs, outputs });
    return outputs;
  };

  const inline = (model: LayersModel, node: InboundNode, inputs: readonly Value[], path: string): readonly Value[] => {
    const once = done.get(path) ?? new Map<InboundNode, readonly Value[]>();
    done.set(path, once);
    const values = once.get(node);
    if (values !== undefined) return values;
    const scope: Scope = { path, values: new Map(model.inputs.map((tensor, k) => [tensor, inputs[k]])) };
    const outputs = model.outputs.map((output) => visit(output, scope));
    once.set(node, outputs);
    return outputs;
  };

  const inputs = model.inputs.map((tensor, k) => inputValue(tensor, k, options));
  const scope: Scope = { path: "", values: new Map(inputs.map((value) => [value.tensor, value])) };
  return { inputs, outputs: model.outputs.map((output) => visit(output, scope)), calls };
}

function inputValue(tensor: SymbolicTensor, index: number, { temporal, inputShapes }: GraphOptions): Value {
  const path = tensor.sourceLayer.name;
  const declared = tensor.shape.slice(temporal ? 2 : 1);
  const owner = `convert of input ${JSON.stringify(path)}`;
  if (temporal && tensor.shape.length < 3)
    throw new ConversionError(
      {
        owner,
        expected: "[batch, steps, ...features] in a temporal model",
        got: `[${tensor.shape.map((n) => n ?? "null").join(", ")}]`,
        fix: "Leave temporalModel out",
      },
      { layer: path },
    );
  const given = inputShapes?.[index];
  if (given !== undefined && (given.length !== declared.length || declared.some((n, axis) => n !== null && n !== given[axis])))
    throw new ConversionError(
      {
        owner,
        parameter: "inputShapes",
        expected: `sizes that fit [${declared.map((n) => n ?? "null").join(", ")}]`,
        got: `[${given.join(", ")}]`,
      },
      { layer: path },
    );
  const shape = given ?? declared;
  if (shape.some((n) => n === null))
    throw new ConversionError(
      {
        owner,
        expected: "a size for every axis but the batch",
        got: `[${tensor.shape.map((n) => n ?? "null").join(", ")}]`,
        fix: "Give inputShapes: a network has as many neurons as the image has pixels",
      },
      { layer: path },
    );
  return { tensor, path, shape: shape as number[] };
}

/** Shapes of a layer's outputs for inputs of known sizes. */
function shapesOf(layer: layers.Layer, inputs: readonly Value[], temporal: boolean, path: string): ItemShape[] {
  // Of one item (and step), since some layers leave more open where the batch is.
  const whole = inputs.map(({ shape }) => [1, ...(temporal ? [1] : []), ...shape]);
  const computed = layer.computeOutputShape(whole.length === 1 ? whole[0] : whole);
  const shapes = (Array.isArray(computed[0]) ? computed : [computed]) as (number | null)[][];
  return shapes.map((shape) => {
    const item = shape.slice(temporal ? 2 : 1);
    if (shape.length > (temporal ? 1 : 0) && item.every((n) => n !== null && n > 0)) return item as number[];
    throw new ConversionError(
      { owner: `convert of layer ${JSON.stringify(path)}`, expected: "an output of known sizes", got: `[${shape.join(", ")}]` },
      { layer: path },
    );
  });
}
