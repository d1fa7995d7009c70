export {
  ValidationError,
  ShapeError,
  ReadonlyError,
  BuildError,
  SimulationError,
  SimulatorClosed,
  NengoError,
  NetworkFileError,
  ConversionError,
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
export { LeastSquares } from "./solvers/leastSquares.ts";
export { Solver, type Solution, type SolverProblem } from "./solvers/solver.ts";
export * from "./neurons/index.ts";
export * from "./neurons/surrogates/index.ts";
export type { SurrogateLike, SurrogateName } from "./neurons/surrogates/asSurrogate.ts";
export { DistanceSurrogate, Surrogate, type SpikeSlope } from "./neurons/surrogates/surrogate.ts";
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
export * from "./callbacks/index.ts";
export { energyDevices, registerEnergyDevice, type EnergyDevice } from "./energy/devices.ts";
export {
  registerLayerEnergy,
  type LayerCall,
  type LayerCost,
  type LayerEnergyRule,
  type Synapses,
  type TimeRule,
} from "./energy/layerRule.ts";
export { modelEnergy, ModelEnergy, type Energy, type EnergyOptions, type LayerEnergy } from "./energy/modelEnergy.ts";
export * as losses from "./losses/index.ts";
export * as regularizers from "./regularizers/index.ts";
export {
  regularizeRates,
  type LayerRegularizers,
  type RateRegularization,
  type RegularizeRatesOptions,
} from "./regularizers/regularizeRates.ts";
export { layerOutputs, type LayerOutput } from "./model/layerOutputs.ts";
export { model, NengoModel, type NengoModelArgs } from "./model/index.ts";
export { fileHandler } from "./io/fileHandler.ts";
export * from "./converter/index.ts";
export { useBackend } from "./backend.ts";
export * from "./wasm-backend/index.ts";
export * from "./simulator/index.ts";
export * from "./analysis/index.ts";
export { defaultPoints as defaultNEvalPoints } from "./build/ensemble.ts";
export * as filterDesign from "./analysis/filterDesign.ts";
