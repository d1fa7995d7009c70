import type { Connection, IndexSet, Probe } from "../network/index.ts";
import { Ensemble } from "../network/index.ts";
import { Direct } from "../neurons/direct.ts";
import type { Synapse } from "../synapses/synapse.ts";
import type { Decoded } from "./decoders.ts";
import type { Slot } from "./operators.ts";

/** What is needed to wire a connection, or a probe as one. */
export interface Wiring {
  readonly source: Decoded;
  /** As given: the object, or a view of it. */
  readonly pre: unknown;
  /** The network's object: signals and built values are kept under it. */
  readonly owner: Connection | Probe;
  readonly seed: number;
  readonly synapse: Synapse | null;
  readonly target: Target;
  /** Whether the weights may train. */
  readonly trainable: boolean;
}

/** Where the value of a connection ends. */
export type Target =
  | { readonly kind: "value"; readonly slot: Slot }
  | { readonly kind: "neurons"; readonly slot: Slot; readonly gain: Slot }
  /** Weights that contain the post ensemble's encoders, whose columns `post` picks. */
  | { readonly kind: "encoded"; readonly ensemble: Ensemble; readonly post: IndexSet };

/** Whether values are decoded from an object's neurons. */
export const isDecoded = (pre: Connection["preObject"]): pre is Ensemble => pre instanceof Ensemble && !(pre.neuronType instanceof Direct);
