import type { layers } from "@tensorflow/tfjs-layers";
import { converterFor } from "../converter.ts";
import type { LayerCall } from "../graph.ts";

/** What is used of the wrapper. */
interface TimeDistributedLayer extends layers.Layer {
  readonly layer: layers.Layer;
}

/** The layer inside, as a call of its own: a step of the network is a step of the model. */
const inner = (call: LayerCall<TimeDistributedLayer>): LayerCall => ({ ...call, layer: call.layer.layer });

/** Every step by itself, which is what a temporal model's network does anyway. */
export const timeDistributed = converterFor<TimeDistributedLayer>("TimeDistributed", {
  temporal: true,
  canConvert: (_call, { temporalModel }) => (temporalModel ? [] : ["its steps are not those of the network (set temporalModel)"]),
  convert: (call, context) => context.within(inner(call)),
});
