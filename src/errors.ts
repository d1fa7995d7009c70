/**
 * Every error that the library throws on purpose. Messages follow one formula:
 * `Owner.parameter: expected X, got Y. What to do.`
 */
export class NengoError extends Error {
  override name = "NengoError";
}

/** The parts of a message; `fix` says what to do. */
export interface ErrorParts {
  /** Class or object, e.g. `Ensemble` or `Node "input"`. */
  readonly owner: string;
  /** Parameter, method or path inside the owner. */
  readonly parameter?: string;
  readonly expected: string;
  /** What came, already described (see {@link describe}). */
  readonly got: string;
  readonly fix?: string;
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

function message({ owner, parameter, expected, got, fix }: ErrorParts): string {
  const where = parameter === undefined ? owner : `${owner}.${parameter}`;
  const what = sentence(`${where}: expected ${expected}, got ${got}`);
  return fix === undefined ? what : `${what} ${sentence(fix)}`;
}

/** A value that is not allowed where it stands. */
export class ValidationError extends NengoError {
  override name = "ValidationError";
  readonly owner: string;
  readonly parameter: string | undefined;
  constructor(parts: ErrorParts) {
    super(message(parts));
    this.owner = parts.owner;
    this.parameter = parts.parameter;
  }
}

/** An array or tensor of the wrong shape. */
export class ShapeError extends ValidationError {
  override name = "ShapeError";
}

/** Something was set that cannot be changed. */
export class ReadonlyError extends ValidationError {
  override name = "ReadonlyError";
}

/** A network that cannot be built into a program. */
export class BuildError extends NengoError {
  override name = "BuildError";
}

/** A network file that cannot be read, or a network that cannot be written to one. */
export class NetworkFileError extends NengoError {
  override name = "NetworkFileError";
  /** Place inside the document, e.g. `network.connections[3].transform`. */
  readonly path: string;
  /** @param problem - `expected X, got Y. What to do.` */
  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path}: ${problem}`, options);
    this.path = path;
  }
}

/** A model that cannot be read, or that has no counterpart on the other side. */
export class ConversionError extends NengoError {
  override name = "ConversionError";
  /** Name of the layer that is in the way, where it is one layer. */
  readonly layer: string | undefined;
  constructor(parts: ErrorParts, options?: ErrorOptions & { layer?: string }) {
    super(message(parts), options);
    this.layer = options?.layer;
  }
}

/** Something went wrong while a simulation ran, e.g. in a user's function. */
export class SimulationError extends NengoError {
  override name = "SimulationError";
}

/** A simulator was used after `close()`. */
export class SimulatorClosed extends NengoError {
  override name = "SimulatorClosed";
}

/**
 * Runs what may throw errors of values (distributions, neuron types, solvers, processes) that do not know where they stand; they are
 * told with the name of the object that has them.
 */
export function toldOf<T>(name: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof NengoError && !error.message.includes(name)) error.message = `${name}: ${error.message}`;
    throw error;
  }
}

/** A short description of any value for use in a message. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return JSON.stringify(value.length <= 100 ? value : `${value.slice(0, 100)}...`);
  if (typeof value === "function") return value.name === "" ? "a function" : `function ${value.name}`;
  if (typeof value !== "object") return typeof value === "symbol" ? String(value) : `${value as number}`;
  if (Array.isArray(value)) {
    const short = value.length <= 8 && value.every((v) => v === null || typeof v !== "object");
    return short
      ? `[${value.map((v) => (typeof v === "symbol" ? String(v) : (v as unknown))).join(", ")}]`
      : `an array of length ${value.length}`;
  }
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name} of length ${(value as Float64Array).length}`;
  if ("shape" in value && Array.isArray(value.shape)) return `shape [${value.shape.join(", ")}]`;
  const name = (value.constructor as { type?: string; name: string } | undefined)?.type ?? value.constructor?.name;
  return name === undefined || name === "Object" ? "an object" : /^[AEIOU]/.test(name) ? `an ${name}` : `a ${name}`;
}
