export { network, NengoLayer, type NetworkLayerArgs } from "./nengoLayer.ts";
export { lmu, LMU, type LMUArgs } from "./lmu/lmu.ts";
export { lmuCell, LMUCell, type LMUCellArgs } from "./lmu/lmuCell.ts";
export { lmuFeedforward, LMUFeedforward, type LMUFeedforwardArgs } from "./lmu/lmuFeedforward.ts";
