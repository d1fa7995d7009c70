import { ConversionError } from "../../errors.ts";
import type { Contents } from "./contents.ts";
import type { Hdf5File } from "./hdf5.ts";
import { parseJson, type Json } from "./plain.ts";
import type { PlacedWeights, StoredWeight } from "./storedWeight.ts";
import { unzip } from "./zip.ts";

const CONFIG = "config.json";
const WEIGHTS = "model.weights.h5";
const METADATA = "metadata.json";

/** The JSON of a `.keras` file. */
export interface KerasTexts {
  readonly config: Json;
  readonly metadata: Json;
}

/**
 * The members of a `.keras` file.
 * @throws ConversionError for other zip archives
 */
export function unzipKeras(bytes: Uint8Array): KerasTexts & { weights: Uint8Array } {
  const members = unzip(bytes, (name) => [CONFIG, WEIGHTS, METADATA].includes(name));
  const [config, weights, metadata] = [CONFIG, WEIGHTS, METADATA].map((name) => members.get(name));
  if (config === undefined || weights === undefined) {
    throw new ConversionError({
      owner: "loadKeras",
      parameter: ".keras",
      expected: `${CONFIG} and ${WEIGHTS} in the archive`,
      got: config === undefined ? `no ${CONFIG}` : `no ${WEIGHTS}`,
      fix: 'Save the model in Keras by model.save("model.keras")',
    });
  }
  return { config: parseJson(CONFIG, config), metadata: metadata === undefined ? {} : parseJson(METADATA, metadata), weights };
}

/** Config and weights of an open `.keras` file. Keras 3 calls the folder of layers `layers`, Keras 2.12 had another word for it. */
export function kerasZipContents({ config, metadata }: KerasTexts, file: Hdf5File): Contents {
  const oldWord = !file.hasGroup("layers") && file.hasGroup("_layer_checkpoint_dependencies");
  const place = (path: string) => (oldWord ? path.replaceAll(/(^|\/)layers(?=\/|$)/g, "$1_layer_checkpoint_dependencies") : path);
  const weights: PlacedWeights = {
    kind: "placed",
    gaps: oldWord,
    has: (path) => file.hasGroup(place(path)),
    at: (path) => arrays(file, place(path)),
  };
  return { config, weights, kerasVersion: typeof metadata.keras_version === "string" ? metadata.keras_version : null };
}

function arrays(file: Hdf5File, path: string): StoredWeight[] {
  const list: StoredWeight[] = [];
  for (let index = 0; ; index++) {
    const weight = file.weight(`${path}/vars/${index}`, `${path}/vars/${index}`);
    if (weight === undefined) return list;
    list.push(weight);
  }
}
