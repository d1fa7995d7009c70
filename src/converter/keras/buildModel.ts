import * as tfl from "@tensorflow/tfjs-layers";
import { ConversionError, describe } from "../../errors.ts";
import { calls, ends, references, type Call, type TensorReference } from "./calls.ts";
import { isModel, layerSpec, title, type LayerSpec } from "./layerSpec.ts";
import { makeLayer, refusedAs, type Dialect, type MadeLayer } from "./makeLayer.ts";
import { arithmeticLayer, isArithmetic } from "./arithmetic.ts";
import { Masks } from "./masks.ts";
import { isObject } from "./plain.ts";
import { tidyLayer } from "./registry.ts";

/** A model that was made from a file. */
export interface MadeModel extends MadeLayer {
  readonly layer: tfl.LayersModel;
}

type Tensors = readonly tfl.SymbolicTensor[];

/** Makes the model that a file describes; its weights are not yet the file's. */
export function buildModel(spec: LayerSpec, inputs: Tensors | null, dialect: Dialect): MadeModel {
  return spec.className === "Sequential" ? sequential(spec, inputs, dialect) : functional(spec, dialect);
}

/** A layer of either kind; `inputs` are the tensors of its first call. */
const make = (spec: LayerSpec, inputs: Tensors | null, dialect: Dialect): MadeLayer =>
  isModel(spec) ? buildModel(spec, inputs, dialect) : makeLayer(spec, dialect, inputs?.[0]?.shape.length ?? null);

function layersOf(spec: LayerSpec): LayerSpec[] {
  const list = spec.config.layers as readonly unknown[];
  if (list.length === 0) throw new ConversionError({ owner: title(spec), expected: "layers", got: "none" });
  return list.map((layer, at) => layerSpec(layer, `${title(spec)}.layers[${at}]`));
}

function checkShape(shape: unknown, where: string): tfl.Shape {
  const isLength = (n: unknown) => n === null || (typeof n === "number" && Number.isSafeInteger(n) && n > 0);
  if (Array.isArray(shape) && shape.length > 0 && shape.every(isLength)) return shape as tfl.Shape;
  throw new ConversionError({
    owner: where,
    expected: "an input shape [batch, ...] of positive numbers and null",
    got: describe(shape),
    fix: "Build the model in Keras (call it, or give it an Input) before saving it",
  });
}

function inputTensor(spec: LayerSpec): tfl.SymbolicTensor {
  const { batch_shape: keras3, batch_input_shape: keras2, dtype } = spec.config;
  const integer = /^u?int\d+$|^bool$/.test(String(dtype));
  const batchShape = checkShape(keras3 ?? keras2, title(spec));
  return refusedAs(spec, () => tidyLayer(() => tfl.input({ batchShape, name: spec.name, dtype: integer ? "int32" : "float32" })));
}

const isInput = (spec: LayerSpec) => spec.className === "InputLayer";

function sequential(spec: LayerSpec, inputs: Tensors | null, dialect: Dialect): MadeModel {
  const specs = layersOf(spec);
  const model = refusedAs(spec, () => tfl.sequential({ name: spec.name }));
  const declared = specs.findIndex(isInput);
  const add = (made: MadeLayer) => refusedAs(made.spec, () => tidyLayer(() => model.add(made.layer)));
  if (declared === 0) add({ spec: specs[0], layer: inputTensor(specs[0]).sourceLayer, inside: [] });
  else {
    const first = specs[0].config;
    const known = first.batch_input_shape ?? spec.config.build_input_shape ?? spec.buildShape ?? inputs?.[0]?.shape;
    // A model in the first place brings its own input
    const shape = known ?? (isModel(specs[0]) ? inputShapeOf(specs[0]) : null);
    const input: LayerSpec = {
      ...specs[0],
      className: "InputLayer",
      name: `${specs[0].name}_input`,
      config: { batch_shape: shape, dtype: first.dtype },
    };
    add({ spec: input, layer: inputTensor(input).sourceLayer, inside: [] });
  }
  const masks = new Masks();
  const inside = (declared === 0 ? specs.slice(1) : specs).map((layer) => {
    const before = model.outputs;
    const made = make(withoutInputShape(layer), before, dialect);
    add(made);
    masks.note(made, before, model.outputs);
    return made;
  });
  return { spec, layer: model, inside };
}

/** Shape of the first input of a model that stands first in another. */
function inputShapeOf(spec: LayerSpec): unknown {
  const first = layersOf(spec)[0];
  if (isInput(first)) return first.config.batch_shape ?? first.config.batch_input_shape;
  return first.config.batch_input_shape ?? (isModel(first) ? inputShapeOf(first) : null);
}

/** The graph has the shapes; a layer's own would only be compared with them, by a warning. */
function withoutInputShape(spec: LayerSpec): LayerSpec {
  if (isModel(spec)) return spec;
  const { batch_input_shape: _, batch_shape: __, ...config } = spec.config;
  return { ...spec, config };
}

function functional(spec: LayerSpec, dialect: Dialect): MadeModel {
  const where = title(spec);
  const specs = layersOf(spec);
  const names = new Set(specs.map(({ name }) => name));
  if (names.size !== specs.length)
    throw new ConversionError({ owner: where, expected: "layers with different names", got: describe([...names]) });
  const inputs = ends(spec.config.input_layers, `${where}.input_layers`);
  const outputs = ends(spec.config.output_layers, `${where}.output_layers`);
  const waiting = needed(
    specs.flatMap((layer) =>
      isInput(layer)
        ? []
        : calls(layer.inboundNodes, names, title(layer)).map((call) => ({ layer, ...withoutMask(call, isArithmetic(layer)) })),
    ),
    outputs,
  );
  const used = [...waiting.flatMap(({ call }) => references([call.args, call.kwargs])), ...outputs];
  const graph = new Graph(specs, (layer) => firstNode(layer, used, waiting.filter((one) => one.layer === layer).length, dialect));
  for (const layer of specs) if (isInput(layer)) graph.put(layer, [inputTensor(layer)], { spec: layer, layer: null, inside: [] });

  for (let rest = waiting; rest.length > 0;) {
    // Calls of one layer keep their order, since later ones refer to them by number
    const blocked = new Set<string>();
    const left = rest.filter(({ layer, call, mask }) => {
      if (blocked.has(layer.name) || !graph.ready(call)) {
        blocked.add(layer.name);
        return true;
      }
      graph.call(layer, call, mask, dialect);
      return false;
    });
    if (left.length === rest.length) throw unreachable(where, left, names);
    rest = left;
  }
  const tensors = (list: readonly TensorReference[]) => list.map((reference) => graph.tensor(reference, where));
  const model = refusedAs(spec, () => tidyLayer(() => tfl.model({ inputs: tensors(inputs), outputs: tensors(outputs), name: spec.name })));
  return { spec, layer: model, inside: graph.made() };
}

interface Waiting {
  readonly layer: LayerSpec;
  readonly call: Call;
  /** Whether the file gives the call a mask; undefined for files that leave masks to the layers. */
  readonly mask: boolean | undefined;
}

/** Keras 3 writes masks as arguments, computed by operations of the graph; tfjs's layers compute the same ones by themselves. */
function withoutMask(call: Call, isOperation: boolean): { call: Call; mask: boolean | undefined } {
  if (isOperation) return { call, mask: undefined };
  const { mask, ...kwargs } = call.kwargs;
  return { call: { ...call, kwargs }, mask: call.explicit ? references(mask).length > 0 : undefined };
}

/** Without the operations that nothing but masks came from. */
function needed(waiting: Waiting[], outputs: readonly TensorReference[]): Waiting[] {
  const used = new Set([...waiting.flatMap(({ call }) => references([call.args, call.kwargs])), ...outputs].map(({ layer }) => layer));
  const rest = waiting.filter(({ layer }) => used.has(layer.name) || !isArithmetic(layer));
  return rest.length === waiting.length ? rest : needed(rest, outputs);
}

function unreachable(where: string, left: readonly Waiting[], names: ReadonlySet<string>): ConversionError {
  const from = ({ call }: Waiting) => references([call.args, call.kwargs]).map((reference) => reference.layer);
  const lost = left.find((one) => from(one).some((name) => !names.has(name))) ?? left[0];
  const { layer } = lost;
  const missing = from(lost).find((name) => !names.has(name));
  return new ConversionError(
    {
      owner: `${where}, ${title(layer)}`,
      parameter: "inbound_nodes",
      expected: "calls that can be made in some order from the inputs",
      got:
        missing === undefined
          ? `inputs from ${describe(from(lost))} that are never there, or a circle`
          : `an input from ${describe(missing)}, which is no layer of the model`,
    },
    { layer: layer.name },
  );
}

/** The graph of a model while it grows. */
class Graph {
  private readonly specs: readonly LayerSpec[];
  private readonly layers = new Map<string, MadeLayer>();
  private readonly outputs = new Map<string, Tensors[]>();
  private readonly masks = new Masks();
  private readonly firstNode: ReadonlyMap<string, number>;

  constructor(specs: readonly LayerSpec[], firstNode: (spec: LayerSpec) => number) {
    this.specs = specs;
    this.firstNode = new Map(specs.map((spec) => [spec.name, firstNode(spec)]));
  }

  put(spec: LayerSpec, tensors: Tensors, made: Omit<MadeLayer, "layer"> & { layer: tfl.layers.Layer | null }): void {
    if (made.layer !== null) this.layers.set(spec.name, made as MadeLayer);
    this.outputs.set(spec.name, [...(this.outputs.get(spec.name) ?? []), tensors]);
  }

  private find({ layer, node, tensor }: TensorReference): tfl.SymbolicTensor | undefined {
    return this.outputs.get(layer)?.[node - (this.firstNode.get(layer) ?? 0)]?.[tensor];
  }

  ready = ({ args, kwargs }: Call): boolean => references([args, kwargs]).every((reference) => this.find(reference) !== undefined);

  tensor(reference: TensorReference, where: string): tfl.SymbolicTensor {
    const found = this.find(reference);
    if (found === undefined) {
      const { layer, node, tensor } = reference;
      throw new ConversionError({
        owner: where,
        expected: "ends that are outputs of its layers",
        got: `[${layer}, ${node}, ${tensor}], which is none`,
      });
    }
    return found;
  }

  call(spec: LayerSpec, call: Call, mask: boolean | undefined, dialect: Dialect): void {
    const tensors = references(call.args).map((reference) => this.tensor(reference, title(spec)));
    const states = references(call.kwargs.initial_state).map((reference) => this.tensor(reference, title(spec)));
    const arithmetic = isArithmetic(spec);
    const made =
      this.layers.get(spec.name) ?? (arithmetic ? arithmeticLayer(spec, call, dialect) : make(withoutInputShape(spec), tensors, dialect));
    if (arithmetic) tensors.push(...references(call.kwargs).map((reference) => this.tensor(reference, title(spec))));
    else checkArguments(spec, call);
    if (tensors.length === 0)
      throw new ConversionError({ owner: title(spec), parameter: "inbound_nodes", expected: "tensors to work on", got: "none" });
    const all = [...tensors, ...states];
    const result = refusedAs(spec, () =>
      tidyLayer(() => made.layer.apply(all.length === 1 ? all[0] : all) as tfl.SymbolicTensor | tfl.SymbolicTensor[]),
    );
    const results = Array.isArray(result) ? result : [result];
    this.masks.note(made, tensors, results, mask);
    this.put(spec, results, made);
  }

  /** All layers in the file's order, inputs too, which Keras 3 counts. */
  made(): MadeLayer[] {
    return this.specs.flatMap((spec) => this.layers.get(spec.name) ?? []);
  }
}

/**
 * Number that the file gives the first call of a layer. Functional models have one more before, of their own inputs; Sequential ones do
 * in Keras 2 and tfjs, and not in Keras 3. What refers to the layer tells which.
 */
function firstNode(spec: LayerSpec, used: readonly TensorReference[], count: number, { keras3 }: Dialect): number {
  if (!isModel(spec)) return 0;
  const numbers = used.filter(({ layer }) => layer === spec.name).map(({ node }) => node);
  if (numbers.includes(count)) return 1;
  if (numbers.includes(0)) return 0;
  return spec.className === "Sequential" && keras3 ? 0 : 1;
}

/** Arguments of a call beside its tensors; those that a layer could not have got from tfjs are refused. */
function checkArguments(spec: LayerSpec, { args, kwargs }: Call): void {
  for (const [key, value] of Object.entries(kwargs)) {
    // Prediction is the same with either; tfjs keeps no such argument for training
    if (key === "training" || key === "initial_state" || key === "name") continue;
    if (value === null || value === false || value === undefined) continue;
    throw new ConversionError(
      {
        owner: title(spec),
        parameter: key,
        expected: "calls with tensors alone",
        got: references(value).length > 0 ? "a tensor" : describe(value),
      },
      { layer: spec.name },
    );
  }
  const odd = args.flat(3).find((value) => references(value).length === 0 && value !== null && !isObject(value));
  if (odd !== undefined) {
    throw new ConversionError(
      { owner: title(spec), parameter: "inbound_nodes", expected: "calls with tensors alone", got: describe(odd) },
      { layer: spec.name },
    );
  }
}
