export { Direct } from "./direct.ts";
export { LIF, LIFRate } from "./lif.ts";
export { RectifiedLinear, SpikingRectifiedLinear } from "./rectifiedLinear.ts";
