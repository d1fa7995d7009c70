export { Connection, type Connectable, type ConnectionChanges } from "./connection.ts";
export type { ConnectionFunction, ConnectionOptions, FunctionLike, FunctionPoints, TransformGiven } from "./connectionParameters.ts";
export { Config, Defaults, type ConfigKind, type OwnParameter } from "./config.ts";
export { ObjectConfig, type ConfiguredObject } from "./objectConfig.ts";
export { activateDirectMode } from "./directMode.ts";
export { Ensemble } from "./ensemble.ts";
export type { DistOrArrayLike } from "./checks.ts";
export type { EnsembleOptions } from "./ensembleParameters.ts";
export { fullTransform, type FullTransformOptions } from "./fullTransform.ts";
export { fullRange, type IndexSet } from "./indexSet.ts";
export { LearningRule } from "./learningRule.ts";
export type { LearningRules, LearningRuleTypes } from "./learningRules.ts";
export { Network, type NetworkObject, type NetworkOptions } from "./network.ts";
export { Neurons } from "./neurons.ts";
export { Node, type NodeKind } from "./node.ts";
export type { NodeFunction, NodeOutput, NodeOutputLike, NodeSizes } from "./nodeOutput.ts";
export type { NodeOptions } from "./nodeParameters.ts";
export { objectName } from "./objectName.ts";
export {
  inputsAndOutputs,
  objectsAndConnections,
  removePassthroughNodes,
  type InputsAndOutputs,
  type ObjectsAndConnections,
} from "./passthrough.ts";
export { Probe, type Probed } from "./probe.ts";
export type { ProbeOptions } from "./probeParameters.ts";
export { configure, trainableOf, type TrainableClass, type TrainableObject, type TrainableSettings } from "./trainable.ts";
export { View, type ViewTarget } from "./view.ts";
