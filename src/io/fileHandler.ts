import type * as files from "node:fs/promises";
import type * as paths from "node:path";
import { io } from "@tensorflow/tfjs-core";
import { ValidationError, describe } from "../errors.ts";
import { optionalModule } from "./optionalModule.ts";

const MODEL = "model.json";
const WEIGHTS = "weights.bin";
const BYTES = { float32: 4, int32: 4, bool: 1, complex64: 8, uint8: 1, uint16: 2, float16: 2 } as const;

/**
 * Saves a model to files and loads one, in Node: `model.save(fileHandler("out"))`, `tf.loadLayersModel(fileHandler("out"))`.
 * `path` is a folder, which gets `model.json` and `weights.bin`, or a `.json` file; loading also takes what tfjs-node and the Keras converter wrote, in any number of shards.
 * Save and load throw a ValidationError for a file that is missing or not of that format.
 */
export function fileHandler(path: string): io.IOHandler {
  if (typeof path !== "string" || path === "") {
    throw new ValidationError({ owner: "fileHandler", parameter: "path", expected: "a folder or a .json file", got: describe(path) });
  }
  return { save: (artifacts) => save(path, artifacts), load: () => load(path) };
}

async function save(path: string, artifacts: io.ModelArtifacts): Promise<io.SaveResult> {
  const { modelTopology, weightSpecs, weightData, getWeightStream: _, ...rest } = artifacts;
  if (modelTopology === undefined || modelTopology instanceof ArrayBuffer) {
    throw new ValidationError({
      owner: "fileHandler",
      parameter: "save",
      expected: "a model topology in JSON",
      got: describe(modelTopology),
    });
  }
  const { fs, folder, file } = await locate(path);
  const weightsManifest: io.WeightsManifestConfig = [{ paths: [WEIGHTS], weights: weightSpecs ?? [] }];
  await fs.mkdir(folder(), { recursive: true });
  await fs.writeFile(folder(WEIGHTS), new Uint8Array(io.CompositeArrayBuffer.join(weightData)));
  await fs.writeFile(file, JSON.stringify({ modelTopology, ...rest, weightsManifest } satisfies io.ModelJSON));
  return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
}

async function load(path: string): Promise<io.ModelArtifacts> {
  const { fs, folder, file } = await locate(path);
  const read = (name: string) =>
    fs.readFile(name).catch((error: Error) => {
      throw invalid(name, "a readable file", error.message, "Check the path; weights lie beside their model.json");
    });
  const json = parse(file, String(await read(file)));
  return io.getModelArtifactsForJSON(json, async (manifest) => {
    const shards = await Promise.all(manifest.flatMap(({ paths }) => paths).map((name) => read(folder(name))));
    const specs = io.getWeightSpecs(manifest);
    const weights = io.CompositeArrayBuffer.join(shards.map((shard) => new Uint8Array(shard).buffer));
    const bytes = byteLength(specs);
    if (bytes !== undefined && bytes !== weights.byteLength) {
      throw invalid(
        file,
        `${bytes} bytes of weights`,
        `${weights.byteLength}`,
        "The weight files are not those of this model; save or convert it again",
      );
    }
    return [specs, weights];
  });
}

/** Node's file functions, the folder (or a file in it), and the path of the JSON file. */
async function locate(target: string) {
  try {
    const fs = (await optionalModule("node:fs/promises")) as typeof files;
    const path = (await optionalModule("node:path")) as typeof paths;
    const file = target.endsWith(".json") ? target : path.join(target, MODEL);
    return { fs, file, folder: (name = "") => path.join(path.dirname(file), name) };
  } catch (cause) {
    throw new ValidationError({
      owner: "fileHandler",
      expected: "Node",
      got: (cause as Error).message,
      fix: "In a page use tf.io.http, indexeddb:// or downloads://",
    });
  }
}

function parse(file: string, text: string): io.ModelJSON {
  let json: Partial<io.ModelJSON> | null;
  try {
    json = JSON.parse(text) as Partial<io.ModelJSON> | null;
  } catch (error) {
    throw invalid(file, "a model in JSON", (error as Error).message);
  }
  const manifest = json?.weightsManifest;
  if (
    !json?.modelTopology ||
    (manifest !== undefined &&
      !(Array.isArray(manifest) && manifest.every((group) => Array.isArray(group.paths) && Array.isArray(group.weights))))
  ) {
    throw invalid(
      file,
      "modelTopology and a weightsManifest of {paths, weights}",
      describe(Object.keys(json ?? {})),
      "Save the model with tfjs or convert it with tensorflowjs_converter",
    );
  }
  return json as io.ModelJSON;
}

/** Bytes of all weights together; undefined where strings make it unknowable. */
function byteLength(specs: readonly io.WeightsManifestEntry[]): number | undefined {
  let sum = 0;
  for (const { dtype, quantization, shape } of specs) {
    const stored = quantization?.dtype ?? dtype;
    if (stored === "string") return undefined;
    sum += BYTES[stored] * shape.reduce((product, size) => product * size, 1);
  }
  return sum;
}

const invalid = (owner: string, expected: string, got: string, fix?: string) =>
  new ValidationError({ owner, expected, got, ...(fix === undefined ? {} : { fix }) });
