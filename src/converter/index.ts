export { loadKeras } from "./keras/loadKeras.ts";
export type { KerasBuffer, KerasSource } from "./keras/modelFiles.ts";
