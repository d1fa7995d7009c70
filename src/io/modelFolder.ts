import type * as files from "node:fs/promises";
import type * as paths from "node:path";
import { ConversionError } from "../errors.ts";
import { optionalModule } from "./optionalModule.ts";

/** A model's file and those that lie beside it, in Node. */
export interface ModelFolder {
  /** File names in the folder. */
  readonly names: readonly string[];
  /** The file that was asked for; null where a folder was. */
  readonly file: string | null;
  /** Bytes of a file in the folder; the name may have folders in it. */
  read: (name: string) => Promise<Uint8Array>;
}

/**
 * Opens a model's file or folder.
 * @throws ConversionError outside Node and for a path that cannot be read
 */
export async function modelFolder(target: string): Promise<ModelFolder> {
  const { fs, path } = await nodeModules();
  const failed = (what: string) => (error: Error) => {
    throw new ConversionError(
      { owner: "loadKeras", parameter: "path", expected: `a readable ${what}`, got: error.message, fix: "Check the path" },
      { cause: error },
    );
  };
  const isFolder = (await fs.stat(target).catch(failed("file or folder"))).isDirectory();
  const folder = isFolder ? target : path.dirname(target);
  return {
    names: isFolder ? await fs.readdir(folder).catch(failed("folder")) : [path.basename(target)],
    file: isFolder ? null : path.basename(target),
    read: async (name) => fs.readFile(path.join(folder, name)).catch(failed("file")),
  };
}

async function nodeModules() {
  try {
    const fs = (await optionalModule("node:fs/promises")) as typeof files;
    return { fs, path: (await optionalModule("node:path")) as typeof paths };
  } catch (cause) {
    throw new ConversionError(
      {
        owner: "loadKeras",
        parameter: "path",
        expected: "buffers",
        got: "a path outside Node",
        fix: "Fetch the file and hand over its ArrayBuffer, or a map from file names to buffers",
      },
      { cause },
    );
  }
}
