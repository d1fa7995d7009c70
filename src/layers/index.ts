export { network, NengoLayer, type NetworkLayerArgs } from "./nengoLayer.ts";
