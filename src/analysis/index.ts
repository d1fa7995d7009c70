export { evalPointDecoding, type EvalPointDecoding } from "./evalPointDecoding.ts";
export { meshgridNd } from "./meshgridNd.ts";
export { responseCurves, type ResponseCurves } from "./responseCurves.ts";
export { nrmse, norm, rms, rmse } from "./rms.ts";
export { settledFiringRate, type SettledFiringRateOptions } from "./settledFiringRate.ts";
export { signalsAllclose, type SignalsAllcloseOptions } from "./signalsAllclose.ts";
export { sortedNeurons } from "./sortedNeurons.ts";
export { ratesIsi, ratesKernel, spikesToEvents, type RatesIsiOptions, type RatesKernelOptions } from "./spikes.ts";
