import { readFileSync } from "node:fs";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { NetworkFileError, describe } from "../errors.ts";
import { readNetwork, type NamedFunctions } from "../json/index.ts";
import { Network, type NetworkObject } from "../network/index.ts";

/** A network, and its objects by the ids of its file. */
export interface LoadedNetwork {
  readonly network: Network;
  readonly objects: ReadonlyMap<string, NetworkObject>;
}

/**
 * Reads a network file (`.json`), or imports a module (`.js`, `.mjs`) whose default export, or export `network`, is a Network or a
 * function that makes one.
 * @param functions - a module that exports the functions which the file names
 * @throws NetworkFileError for what is no network
 */
export async function loadNetwork(file: string, functions?: string): Promise<LoadedNetwork> {
  if ([".js", ".mjs"].includes(extname(file))) return { network: await fromModule(file), objects: new Map() };
  const named = functions === undefined ? {} : await functionsOf(functions);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new NetworkFileError(file, `expected a network file, got none that can be read (${(cause as Error).message}).`, { cause });
  }
  try {
    return readNetwork(text, { functions: named });
  } catch (error) {
    // Places are paths inside the document; of several files the user wants to know which.
    if (error instanceof Error) error.message = `${file}: ${error.message}`;
    throw error;
  }
}

async function imported(file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  } catch (cause) {
    throw new NetworkFileError(file, `expected a module, got one that cannot be imported (${(cause as Error).message}).`, { cause });
  }
}

async function fromModule(file: string): Promise<Network> {
  const module = await imported(file);
  const exported = module["default"] ?? module["network"];
  const network: unknown = typeof exported === "function" ? await (exported as () => unknown)() : exported;
  if (network instanceof Network) return network;
  throw new NetworkFileError(
    file,
    `expected a Network as default export or as the export network, got ${describe(network)}. Import Network from the same tfjs-nengo that runs this command.`,
  );
}

async function functionsOf(file: string): Promise<NamedFunctions> {
  const { default: _, ...named } = await imported(file);
  return Object.fromEntries(Object.entries(named).filter(([, value]) => typeof value === "function")) as NamedFunctions;
}
