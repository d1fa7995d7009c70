export {
  ConversionError,
  ValidationError,
  ShapeError,
  BuildError,
  SimulationError,
  SimulatorClosed,
  NengoError,
  NetworkFileError,
} from "./errors.ts";
export { RandomState } from "./math/random.ts";
export type { NdArray } from "./math/ndarray.ts";
export * from "./distributions/index.ts";
export { Distribution, type DistOrArray } from "./distributions/distribution.ts";
export * from "./processes/index.ts";
export {
  Process,
  type ProcessContext,
  type ProcessOptions,
  type ProcessStart,
  type ProcessStep,
  type ProcessTable,
} from "./processes/process.ts";
export * from "./solvers/index.ts";
export { Solver, type Solution, type SolverProblem } from "./solvers/solver.ts";
export * from "./neurons/index.ts";
export { HostNeuronType } from "./neurons/hostNeuronType.ts";
export { NeuronType, type Dynamics, type NeuronTypeOptions, type Phase } from "./neurons/neuronType.ts";
export * from "./synapses/index.ts";
export { FirSynapse } from "./synapses/firSynapse.ts";
export { HostSynapse } from "./synapses/hostSynapse.ts";
export { TransferFunction, type Complex } from "./synapses/linearFilter.ts";
export { StateSpaceSynapse } from "./synapses/stateSpaceSynapse.ts";
export { Synapse, type FiltOptions, type FilterStart, type FilterStep, type SynapseOptions } from "./synapses/synapse.ts";
export * from "./transforms/index.ts";
export { Convolution as Conv } from "./transforms/convolution.ts";
export { ConvolutionTranspose as ConvTranspose } from "./transforms/convolutionTranspose.ts";
export type { ChannelShape, ChannelShapeLike } from "./transforms/channelShape.ts";
export { Transform } from "./transforms/transform.ts";
export * as expr from "./expr/index.ts";
export * from "./learning/index.ts";
export { LearningRuleType } from "./learning/learningRuleType.ts";
export * from "./network/index.ts";
export * as networks from "./networks/index.ts";
export * as presets from "./networks/presets.ts";
export * from "./json/index.ts";
export * as layers from "./layers/index.ts";
export { NengoLayer, type NetworkLayerArgs } from "./layers/nengoLayer.ts";
export { tensorNode, TensorNode, type TensorNodeOptions } from "./layers/tensorNode.ts";
export { model, NengoModel, type NengoModelArgs } from "./model/index.ts";
export { fileHandler } from "./io/fileHandler.ts";
export * from "./converter/index.ts";
export { useBackend } from "./backend.ts";
export * from "./wasm-backend/index.ts";
export * from "./simulator/index.ts";
