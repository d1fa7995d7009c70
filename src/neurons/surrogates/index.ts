export { Arctan, type ArctanOptions } from "./arctan.ts";
export { Boxcar, type BoxcarOptions } from "./boxcar.ts";
export { CustomSurrogate, type CustomSlope, type CustomSurrogateOptions } from "./customSurrogate.ts";
export { FastSigmoid, type FastSigmoidOptions } from "./fastSigmoid.ts";
export { SoftLIF, type SoftLIFOptions } from "./softLIF.ts";
export { StraightThrough, type StraightThroughOptions } from "./straightThrough.ts";
