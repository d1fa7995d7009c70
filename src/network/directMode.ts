import { Direct } from "../neurons/index.ts";
import { Ensemble } from "./ensemble.ts";
import { rulesOf } from "./learningRules.ts";
import type { Network } from "./network.ts";
import { Neurons } from "./neurons.ts";
import type { ViewTarget } from "./view.ts";

/**
 * Makes all ensembles of a network compute exactly, without neurons ({@link Direct}), but for those whose neurons matter: connected
 * or probed directly, or at either end of a connection that learns.
 */
export function activateDirectMode(network: Network): void {
  const needed = new Set<Ensemble>();
  const need = (object: unknown): void => {
    if (object instanceof Neurons) needed.add(object.ensemble);
  };
  for (const connection of network.allConnections) {
    const ends: readonly ViewTarget[] = [connection.preObject, connection.postObject];
    ends.forEach(need);
    if (rulesOf(connection).length > 0) for (const end of ends) if (end instanceof Ensemble) needed.add(end);
  }
  for (const { object } of network.allProbes) need(object);
  for (const ensemble of network.allEnsembles) if (!needed.has(ensemble)) ensemble.neuronType = new Direct();
}
