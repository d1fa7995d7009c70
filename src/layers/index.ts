export { network, NengoLayer, type NetworkLayerArgs } from "./nengoLayer.ts";
export * from "./keras/factories.ts";
