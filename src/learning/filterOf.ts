import { asSynapse } from "../synapses/asSynapse.ts";
import type { Synapse } from "../synapses/synapse.ts";

/** A rule's filter of activities: as given, or the usual one where it is left out. Null is none. */
export const filterOf = (owner: string, parameter: string, given: unknown, usual: Synapse | null): Synapse | null =>
  given === undefined ? usual : asSynapse(given, `${owner}.${parameter}`);
