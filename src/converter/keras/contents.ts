import { ConversionError } from "../../errors.ts";
import { h5Contents } from "./h5Contents.ts";
import { isHdf5, withHdf5 } from "./hdf5.ts";
import { kerasZipContents, unzipKeras } from "./kerasZip.ts";
import type { ModelFiles } from "./modelFiles.ts";
import { parseJson } from "./plain.ts";
import type { ModelWeights } from "./storedWeight.ts";
import { tfjsContents } from "./tfjsContents.ts";

/** What a model's file holds, whatever its format. */
export interface Contents {
  /** The model as Keras describes it: `{class_name, config, ...}`. */
  readonly config: unknown;
  readonly weights: ModelWeights;
  /** Version of Keras that wrote it, e.g. `2.12.0`; null where the file does not say. */
  readonly kerasVersion: string | null;
}

const foreign = (got: string, fix = 'Save the model in Keras by model.save("model.keras")') =>
  new ConversionError({ owner: "loadKeras", expected: "a model.json of tfjs, a Keras .h5 or a .keras file", got, fix });

/**
 * Finds out the format by the first bytes (names lie), reads the file and hands its contents to `use`, which must be done with them
 * when it returns.
 * @throws ConversionError for everything that is no Keras model
 */
export async function withContents<T>(files: ModelFiles, use: (contents: Contents) => T): Promise<T> {
  const bytes = await files.read(files.main);
  if (isHdf5(bytes)) return withHdf5(bytes, (file) => use(h5Contents(file)));
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
    const { weights, ...texts } = unzipKeras(bytes);
    return withHdf5(weights, (file) => use(kerasZipContents(texts, file)));
  }
  const start = bytes.find((byte) => byte > 0x20);
  if (start !== 0x7b && !(start === 0xef && bytes[1] === 0xbb)) {
    throw foreign(
      bytes.length === 0 ? `${files.main}, which is empty` : `${files.main}, which is none of these (or the start of it is damaged)`,
    );
  }
  const json = parseJson(files.main, bytes);
  if ("class_name" in json && files.has("model.weights.h5")) {
    const metadata = files.has("metadata.json") ? parseJson("metadata.json", await files.read("metadata.json")) : {};
    return withHdf5(await files.read("model.weights.h5"), (file) => use(kerasZipContents({ config: json, metadata }, file)));
  }
  return use(await tfjsContents(json, files));
}
