export { Simulator, type RunOptions, type SimulatorOptions } from "./simulator.ts";
export { ProbeData } from "./probeData.ts";
export type { SimulatorReport } from "./report.ts";
export type { ConnectionData, EnsembleData, SimulationData } from "./simulationData.ts";
export type { CompileOptions, EvaluateOptions, FitOptions } from "./training.ts";
export type { DataValue, Keyed } from "./keyedData.ts";
export { tuningCurves, type TuningCurves } from "./tuningCurves.ts";
