export { Alpha } from "./alpha.ts";
export { LinearFilter } from "./linearFilter.ts";
export { Lowpass } from "./lowpass.ts";
export { Triangle } from "./triangle.ts";
