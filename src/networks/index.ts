export {
  AssociativeMemory,
  associativeMemory,
  type AssociativeMemoryOptions,
  type DefaultOutputOptions,
  type PerItem,
  type ThresholdOptions,
  type WtaOptions,
} from "./associativeMemory.ts";
export { BasalGanglia, basalGanglia, type BasalGangliaOptions } from "./basalGanglia.ts";
export { circconv, CircularConvolution, circularConvolution, type CircularConvolutionOptions } from "./circularConvolution.ts";
export { EnsembleArray, ensembleArray, type ArrayFunction, type EnsembleArrayOptions } from "./ensembleArray.ts";
export { InputGatedMemory, inputGatedMemory, type InputGatedMemoryOptions } from "./inputGatedMemory.ts";
export { dotProductTransform, Product, product, type ProductOptions } from "./product.ts";
export { Thalamus, thalamus, type ThalamusOptions } from "./thalamus.ts";
