import { io, type Tensor } from "@tensorflow/tfjs-core";
import { ConversionError, describe } from "../../errors.ts";
import type { Contents } from "./contents.ts";
import type { ModelFiles } from "./modelFiles.ts";
import { isObject, type Json } from "./plain.ts";
import type { NamedWeights, StoredWeight } from "./storedWeight.ts";

const BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 };

const wrong = (parameter: string, expected: string, got: string, fix?: string) =>
  new ConversionError({ owner: "model.json", parameter, expected, got, ...(fix === undefined ? {} : { fix }) });

/**
 * A layers model as tfjs saves it and tensorflowjs_converter writes it, whole or quantised, with its shards.
 * @throws ConversionError for graph models and for weights that do not fit the manifest
 */
export async function tfjsContents(json: Json, files: ModelFiles): Promise<Contents> {
  if (json.format === "graph-model" || (isObject(json.modelTopology) && "node" in json.modelTopology)) {
    throw wrong(
      "format",
      "a layers model",
      "a graph model",
      "Convert with --output_format=tfjs_layers_model, or load the Keras file itself",
    );
  }
  const topology = json.modelTopology;
  if (!isObject(topology))
    throw wrong(
      "modelTopology",
      "a model's config",
      describe(topology),
      "Save the model in tfjs or convert it with tensorflowjs_converter",
    );
  const groups = weightGroups(json.weightsManifest);
  const entries: StoredWeight[] = [];
  for (const { paths, weights } of groups) {
    const shards: Uint8Array[] = [];
    for (const path of paths) shards.push(await files.read(path));
    entries.push(...divide(weights, shards, paths));
  }
  const weights: NamedWeights = { kind: "named", of: () => null, all: entries };
  const config = isObject(topology.model_config) ? topology.model_config : topology;
  const version = topology.keras_version ?? config.keras_version;
  return { config, weights, kerasVersion: typeof version === "string" ? version : null };
}

interface Group {
  readonly paths: readonly string[];
  readonly weights: readonly Entry[];
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** `optimizer` for what belongs to training alone. */
  readonly group?: string;
  readonly quantization?: { readonly dtype: string; readonly scale?: number; readonly min?: number };
}

function weightGroups(manifest: unknown): Group[] {
  if (!Array.isArray(manifest))
    throw wrong("weightsManifest", "a list of {paths, weights}", describe(manifest), "Save the model with its weights");
  return manifest.map((group: unknown, at) => {
    const parameter = `weightsManifest[${at}]`;
    if (
      !isObject(group) ||
      !Array.isArray(group.paths) ||
      !group.paths.every((path) => typeof path === "string") ||
      !Array.isArray(group.weights)
    ) {
      throw wrong(parameter, "{paths, weights}", describe(group));
    }
    return { paths: group.paths, weights: group.weights.map((entry) => checkEntry(entry, parameter)) };
  });
}

function checkEntry(entry: unknown, parameter: string): Entry {
  const problem = (what: string) => wrong(parameter, "entries {name, shape, dtype}", what);
  if (!isObject(entry) || typeof entry.name !== "string") throw problem(describe(entry));
  const { name, shape, dtype, quantization } = entry;
  const isLength = (n: unknown) => typeof n === "number" && Number.isSafeInteger(n) && n >= 0;
  if (!Array.isArray(shape) || !shape.every(isLength)) throw problem(`the shape ${describe(shape)} of ${name}`);
  if (dtype !== "float32" && dtype !== "int32" && dtype !== "bool") throw problem(`the dtype ${describe(dtype)} of ${name}`);
  if (quantization !== undefined) {
    if (!isObject(quantization) || !["uint8", "uint16", "float16"].includes(String(quantization.dtype)))
      throw problem(`the quantization of ${name}`);
    if (quantization.dtype !== "float16" && !(Number.isFinite(quantization.scale) && Number.isFinite(quantization.min))) {
      throw problem(`a quantization of ${name} without scale and min`);
    }
  }
  return entry as unknown as Entry;
}

const storedType = (entry: Entry) => entry.quantization?.dtype ?? entry.dtype;

function divide(entries: readonly Entry[], shards: readonly Uint8Array[], paths: readonly string[]): StoredWeight[] {
  const sizes = entries.map((entry) => BYTES[storedType(entry)] * entry.shape.reduce((product, n) => product * n, 1));
  const wanted = sizes.reduce((sum, n) => sum + n, 0);
  const there = shards.reduce((sum, shard) => sum + shard.length, 0);
  if (wanted !== there) {
    throw wrong(
      "weightsManifest",
      `${wanted} bytes in ${paths.join(", ")}`,
      `${there}`,
      "The weight files are not those of this model; save or convert it again",
    );
  }
  let start = 0;
  const all = entries.map((entry, i) => {
    const from = start;
    start += sizes[i];
    return { entry, stored: { name: entry.name, shape: entry.shape, read: () => decoded(entry, cut(shards, from, sizes[i])) } };
  });
  return all.filter(({ entry }) => entry.group !== "optimizer").map(({ stored }) => stored);
}

/** Bytes of all shards together from `start`, copied, so that they are aligned. */
function cut(shards: readonly Uint8Array[], start: number, length: number): ArrayBuffer {
  const out = new Uint8Array(length);
  let first = 0;
  for (const shard of shards) {
    const from = Math.max(start, first);
    const to = Math.min(start + length, first + shard.length);
    if (from < to) out.set(shard.subarray(from - first, to - first), from - start);
    first += shard.length;
  }
  return out.buffer;
}

/** tfjs undoes the quantisation. */
function decoded(entry: Entry, bytes: ArrayBuffer): Tensor {
  const spec = { ...entry, shape: [...entry.shape] } as io.WeightsManifestEntry;
  return (io.decodeWeights(bytes, [spec]) as Record<string, Tensor>)[entry.name];
}
