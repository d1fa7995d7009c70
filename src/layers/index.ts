export type { ActivationFunction, ActivationLike } from "./activation.ts";
export { network, NengoLayer, type NetworkLayerArgs } from "./nengoLayer.ts";
export { spikingActivation, SpikingActivation, type SpikingActivationArgs } from "./spikingActivation.ts";
