export type { ActivationFunction, ActivationLike } from "./activation.ts";
export { alpha, AlphaLayer } from "./alpha.ts";
export { linearFilter, LinearFilterLayer, type LinearFilterArgs } from "./linearFilter.ts";
export { lowpass, LowpassLayer } from "./lowpass.ts";
export { network, NengoLayer, type NetworkLayerArgs } from "./nengoLayer.ts";
export { spikingActivation, SpikingActivation, type SpikingActivationArgs } from "./spikingActivation.ts";
export { spiking, Spiking, type SpikingArgs } from "./spiking.ts";
