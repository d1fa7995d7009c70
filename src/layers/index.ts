export { ensemble, EnsembleLayer, type EnsembleArgs } from "./ensemble.ts";
export { alpha, AlphaLayer } from "./alpha.ts";
export { linearFilter, LinearFilterLayer, type LinearFilterArgs } from "./linearFilter.ts";
export { lowpass, LowpassLayer } from "./lowpass.ts";
export { network, NengoLayer, type NetworkLayerArgs } from "./nengoLayer.ts";
