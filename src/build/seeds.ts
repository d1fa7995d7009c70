import { MAXINT, RandomState } from "../math/random.ts";
import type { Connection, Ensemble, Network, Node, Probe } from "../network/index.ts";

/** A network object that gets a seed. */
export type Seeded = Connection | Ensemble | Network | Node | Probe;

/**
 * The seed of every object: each network draws, from a generator of its own seed, one number for every direct child in the
 * order connections, ensembles, subnetworks, nodes, probes, and an object's own seed replaces the draw.
 * @param rootSeed - of the top-level network
 */
export function assignSeeds(network: Network, rootSeed: number): Map<object, number> {
  const seeds = new Map<object, number>([[network, rootSeed]]);
  const visit = (net: Network): void => {
    const rng = new RandomState(seeds.get(net)!);
    const children: readonly Seeded[] = [...net.connections, ...net.ensembles, ...net.networks, ...net.nodes, ...net.probes];
    for (const child of children) {
      const drawn = rng.randint(0, MAXINT);
      seeds.set(child, child.seed ?? drawn);
    }
    net.networks.forEach(visit);
  };
  visit(network);
  return seeds;
}
