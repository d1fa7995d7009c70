import { ConversionError, describe } from "../../errors.ts";
import { legalName } from "./layerSpec.ts";
import { isObject, plain, type Json } from "./plain.ts";

/** A tensor of the graph: the `tensor`-th output of the `node`-th call of a layer. */
export class TensorReference {
  readonly layer: string;
  readonly node: number;
  readonly tensor: number;
  constructor(layer: string, node: number, tensor: number) {
    this.layer = layer;
    this.node = node;
    this.tensor = tensor;
  }
}

/** One call of a layer: positional and named arguments, with references in place of tensors. */
export interface Call {
  readonly args: readonly unknown[];
  readonly kwargs: Json;
  /** Whether the file names every argument, also masks. */
  readonly explicit: boolean;
}

/** All references inside a value, in order. */
export function references(value: unknown): TensorReference[] {
  if (value instanceof TensorReference) return [value];
  if (Array.isArray(value)) return value.flatMap(references);
  // Python flattens a dict in the order of its sorted keys
  if (isObject(value))
    return Object.keys(value)
      .sort()
      .flatMap((key) => references(value[key]));
  return [];
}

const wrong = (where: string, got: unknown) =>
  new ConversionError({
    owner: where,
    parameter: "inbound_nodes",
    expected: "calls with the layers they take tensors from",
    got: describe(got),
    fix: "Save the model again",
  });

/** Calls of a layer from `inbound_nodes`, as Keras 2 or Keras 3 writes them; `layers` are the names of all layers of the model. */
export function calls(inboundNodes: unknown, layers: ReadonlySet<string>, where: string): Call[] {
  if (inboundNodes === undefined || inboundNodes === null) return [];
  if (!Array.isArray(inboundNodes)) throw wrong(where, inboundNodes);
  return inboundNodes.map((node: unknown) => {
    if (isObject(node) && Array.isArray(node.args)) {
      return { args: node.args.map(keras3Value), kwargs: isObject(node.kwargs) ? (keras3Value(node.kwargs) as Json) : {}, explicit: true };
    }
    if (Array.isArray(node)) return keras2Call(node, layers, where);
    throw wrong(where, node);
  });
}

/** `{class_name: "__keras_tensor__", config: {keras_history: [layer, node, tensor]}}` anywhere in the arguments. */
function keras3Value(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(keras3Value);
  if (!isObject(value)) return value;
  if (value.class_name === "__keras_tensor__" && isObject(value.config)) return reference(value.config.keras_history) ?? value;
  const bare = plain(value);
  return isObject(bare) ? Object.fromEntries(Object.entries(bare).map(([key, part]) => [key, keras3Value(part)])) : keras3Value(bare);
}

/** `[[layer, node, tensor, kwargs], ...]`, or one such entry alone. A constant first argument stands as `["_CONSTANT_VALUE", -1, value, kwargs]`. */
function keras2Call(node: readonly unknown[], layers: ReadonlySet<string>, where: string): Call {
  const alone = typeof node[0] === "string";
  const entries = alone ? [node] : node;
  const kwargs: Record<string, unknown> = {};
  const tensors = entries.map((entry) => {
    if (!Array.isArray(entry)) throw wrong(where, entry);
    const named: unknown = entry[3];
    if (isObject(named)) for (const [key, value] of Object.entries(named)) kwargs[key] = keras2Value(value, layers);
    if (entry[0] === "_CONSTANT_VALUE") return entry[2] as unknown;
    const found = reference(entry);
    if (found === null) throw wrong(where, entry);
    return found;
  });
  return { args: [tensors.length === 1 ? tensors[0] : tensors], kwargs, explicit: false };
}

/** A list that looks like a reference is one if there is a layer of that name. */
function keras2Value(value: unknown, layers: ReadonlySet<string>): unknown {
  if (!Array.isArray(value)) return plain(value);
  const found = reference(value);
  return found !== null && layers.has(found.layer) ? found : value.map((part) => keras2Value(part, layers));
}

function reference(value: unknown): TensorReference | null {
  if (!Array.isArray(value)) return null;
  const [layer, node, tensor] = value as unknown[];
  const index = (n: unknown): n is number => typeof n === "number" && Number.isInteger(n) && n >= 0;
  return typeof layer === "string" && index(node) && index(tensor) ? new TensorReference(legalName(layer), node, tensor) : null;
}

/** Tensors of `input_layers` or `output_layers`: one reference, a list, or a dict of them. */
export function ends(value: unknown, where: string): TensorReference[] {
  const single = reference(value);
  if (single !== null) return [single];
  const list = isObject(value)
    ? Object.keys(value)
        .sort()
        .map((key) => value[key])
    : value;
  if (!Array.isArray(list) || list.length === 0) {
    throw new ConversionError({
      owner: where,
      expected: "a list of [layer, node, tensor]",
      got: describe(value),
      fix: "Save the model again",
    });
  }
  return list.flatMap((part) => ends(part, where));
}
