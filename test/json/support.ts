import { networkFromJSON, type NetworkDocument, type NetworkJSON } from "../../src/json/index.ts";
import { NetworkFileError } from "../../src/errors.ts";

/** A document around a network. */
export const documentOf = (network: NetworkJSON | Record<string, unknown>): NetworkDocument => ({
  format: "nengo-network",
  version: 1,
  network,
});

/** As a file would hold it. */
export const throughText = (document: NetworkDocument): unknown => JSON.parse(JSON.stringify(document));

/** The error that something throws. */
export function errorOf(make: () => unknown): Error {
  try {
    make();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

/** The error that reading a network ends with. */
export function readError(network: Record<string, unknown>, functions = {}): NetworkFileError {
  const error = errorOf(() => networkFromJSON(documentOf(network), { functions }));
  if (!(error instanceof NetworkFileError)) throw error;
  return error;
}
