export { model, NengoModel, type NengoFitArgs, type NengoModelArgs, type TensorData } from "./nengoModel.ts";
export type { CompileArgs, LossOrMetric, PerOutput } from "./objective.ts";
