import type { layers } from "@tensorflow/tfjs-layers";
import { channelShape, channelsOf, spatialOf, type ChannelShape } from "../transforms/channelShape.ts";
import type { ItemShape } from "./graph.ts";

/** What convolutions and pooling layers of tfjs have in common. */
export interface ImageLayer extends layers.Layer {
  readonly dataFormat?: string;
  readonly padding: string;
  readonly strides: readonly number[];
}

/** Whether channels are the last axis, which is where a layer without the setting has them. */
export const channelsLast = ({ dataFormat }: { readonly dataFormat?: string }): boolean => dataFormat !== "channelsFirst";

/** An item's shape as that of an image. */
export const imageOf = (shape: ItemShape, layer: { readonly dataFormat?: string }): ChannelShape => ({
  shape: [...shape],
  channelsLast: channelsLast(layer),
});

/** Sizes along the spatial axes of an item: some layers of one axis are kept as those of two, with 1 in front. */
export const alongAxes = (sizes: readonly number[], shape: ItemShape): readonly number[] => sizes.slice(sizes.length - shape.length + 1);

export { channelShape, channelsOf, spatialOf };
export type { ChannelShape };
