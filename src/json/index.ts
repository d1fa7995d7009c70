export type { ConnectionJSON, EnsembleJSON, NetworkDocument, NetworkJSON, NodeJSON, ProbeJSON, RefJSON } from "./document.ts";
export { registerFunction, type NamedFunctions } from "./functions.ts";
export { networkFromJSON, readNetwork, type FileOptions, type ReadNetwork } from "./read.ts";
export { registerType } from "./types.ts";
export { networkToJSON, writeNetwork, type WrittenNetwork } from "./write.ts";
