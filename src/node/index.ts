/**
 * For scripts in Node: plots as SVG text, files of them, and tables. Import it as `tfjs-nengo/node`.
 *
 * @module
 */
export * from "../plots/index.ts";
export { savePlot } from "./savePlot.ts";
export { table } from "../table.ts";
export type { Cell } from "../table.ts";
