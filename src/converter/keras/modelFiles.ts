import { ConversionError, describe } from "../../errors.ts";
import { modelFolder } from "../../io/modelFolder.ts";

/** Bytes of one file. */
export type KerasBuffer = ArrayBuffer | ArrayBufferView | Blob;

/**
 * Where a Keras model comes from: the path of its file or folder (Node), the bytes of its one file, or several files: `File`s of
 * an input element, or a map or object from names to bytes.
 */
export type KerasSource = string | KerasBuffer | Iterable<File> | ReadonlyMap<string, KerasBuffer> | Readonly<Record<string, KerasBuffer>>;

/** The files of one model. */
export interface ModelFiles {
  /** Name of the file to start from. */
  readonly main: string;
  /** Whether there is such a file. */
  has: (name: string) => boolean;
  /** @throws ConversionError where there is none */
  read: (name: string) => Promise<Uint8Array>;
}

const baseName = (name: string) => name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);

const wrong = (expected: string, got: string, fix?: string) =>
  new ConversionError({ owner: "loadKeras", parameter: "source", expected, got, ...(fix === undefined ? {} : { fix }) });

/** @throws ConversionError for anything else than a {@link KerasSource}, and where it is not clear which file to start from */
export async function modelFiles(source: KerasSource): Promise<ModelFiles> {
  if (typeof source === "string") return filesOfPath(source);
  const single = isBuffer(source) ? new Map([[source instanceof Blob && "name" in source ? String(source.name) : "model", source]]) : null;
  const buffers = single ?? manyFiles(source as Exclude<KerasSource, string | KerasBuffer>);
  const byName = new Map([...buffers].map(([name, buffer]) => [baseName(name), buffer]));
  const of = (name: string) => buffers.get(name) ?? byName.get(baseName(name));
  return {
    main: mainFile([...buffers.keys()]),
    has: (name) => of(name) !== undefined,
    read: async (name) => {
      const buffer = of(name);
      if (buffer === undefined) {
        throw wrong(
          `a buffer named ${describe(name)}`,
          describe([...buffers.keys()]),
          "Hand over all files: new Map([[name, buffer], ...])",
        );
      }
      return bytesOf(buffer);
    },
  };
}

async function filesOfPath(path: string): Promise<ModelFiles> {
  if (path === "") throw wrong("a path or buffers", '""');
  const folder = await modelFolder(path);
  return {
    main: folder.file ?? mainFile(folder.names),
    has: (name) => folder.names.includes(name),
    read: folder.read,
  };
}

/** The file that says which model it is: `model.json`, the `config.json` of an unpacked `.keras`, or the only one of its kind. */
function mainFile(names: readonly string[]): string {
  if (names.length === 1) return names[0];
  const named = ["model.json", "config.json"].map((wanted) => names.find((name) => baseName(name) === wanted));
  const found = named.find((name) => name !== undefined);
  if (found !== undefined) return found;
  for (const kind of [/\.keras$/i, /\.(h5|hdf5)$/i, /\.json$/i]) {
    const fitting = names.filter((name) => kind.test(name));
    if (fitting.length === 1) return fitting[0];
  }
  const savedModel = names.some((name) => baseName(name) === "saved_model.pb");
  throw wrong(
    "a model.json with its weights, one .h5 or one .keras",
    savedModel ? "a TensorFlow SavedModel" : `the files ${names.slice(0, 8).join(", ") || "of an empty folder"}`,
    savedModel ? 'Load it in Python and call model.save("model.keras")' : "Name the model's file",
  );
}

function manyFiles(source: Iterable<File> | ReadonlyMap<string, KerasBuffer> | Readonly<Record<string, KerasBuffer>>) {
  const pairs: unknown[][] = [];
  if (source instanceof Map) pairs.push(...(source as ReadonlyMap<string, KerasBuffer>));
  else if (typeof source === "object" && source !== null && Symbol.iterator in source) {
    for (const file of source as Iterable<unknown>) pairs.push([(file as Partial<File> | null)?.name, file]);
  } else if (typeof source === "object" && source !== null) pairs.push(...Object.entries(source));
  const buffers = new Map<string, KerasBuffer>();
  for (const [name, buffer] of pairs) {
    if (typeof name !== "string" || !isBuffer(buffer)) {
      throw wrong("buffers by name", `${describe(buffer)} under ${describe(name)}`, "Use ArrayBuffer, Uint8Array, Blob or File");
    }
    buffers.set(name, buffer);
  }
  if (buffers.size === 0) throw wrong("a path, a buffer, or buffers by name", describe(source));
  return buffers;
}

const isBuffer = (value: unknown): value is KerasBuffer =>
  value instanceof ArrayBuffer || ArrayBuffer.isView(value) || (typeof Blob !== "undefined" && value instanceof Blob);

async function bytesOf(buffer: KerasBuffer): Promise<Uint8Array> {
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  return new Uint8Array(await buffer.arrayBuffer());
}
