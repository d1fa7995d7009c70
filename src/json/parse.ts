import { describe } from "../errors.ts";
import { FORMAT, VERSION } from "./document.ts";
import { fields, member, wrong } from "./places.ts";

/**
 * The `network` of a document (parsed, or JSON text), which holds nothing but JSON values and finite numbers.
 * @throws NetworkFileError for anything that is not a network file of this version
 */
export function parseDocument(document: unknown): unknown {
  const value = typeof document === "string" ? parseText(document) : document;
  const what = "an object with format, version and network";
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong("document", what, describe(value));
  const { format, version } = value as { readonly format?: unknown; readonly version?: unknown };
  if (format !== FORMAT) throw wrong("format", JSON.stringify(FORMAT), describe(format), "This is no network file");
  if (version !== VERSION) {
    const newer = typeof version === "number" && version > VERSION;
    throw wrong(
      "version",
      String(VERSION),
      describe(version),
      newer ? "The file is newer than this library: update tfjs-nengo" : "This version is unknown",
    );
  }
  const { network } = fields(value, "", what, ["format", "version", "network"]);
  checkPlain(network, "network");
  return network;
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrong("document", "JSON", `text that is none (${(error as Error).message})`);
  }
}

/** Most levels of objects and lists within one another: subnetworks take two each, and Nengo has at most 100 of them. */
const DEEPEST = 256;

function checkPlain(value: unknown, path: string, depth = 0): void {
  if (depth > DEEPEST)
    throw wrong(`${path.slice(0, 120)}...`, `at most ${DEEPEST} levels of nesting`, "more", "An object must not hold itself");
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw wrong(path, "a finite number", String(value));
  } else if (Array.isArray(value)) {
    value.forEach((item: unknown, k) => {
      // Paths are made only where they are needed, for arrays may be large.
      if (typeof item !== "number" || !Number.isFinite(item)) checkPlain(item, member(path, k), depth + 1);
    });
  } else if (typeof value === "object" && value !== null && isPlain(value)) {
    for (const [key, item] of Object.entries(value)) checkPlain(item, member(path, key), depth + 1);
  } else if (typeof value !== "string" && typeof value !== "boolean" && value !== null) {
    throw wrong(path, "a value of JSON", describe(value));
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
