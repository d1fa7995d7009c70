import { buildNetwork } from "../build/build.ts";
import type { Network } from "../network/index.ts";
import { planProgram } from "../plan/plan.ts";
import type { Simulator } from "../simulator/index.ts";
import { costOf, type StepCost } from "./cost.ts";

/** What a network is made of, and what it takes to run it. */
export interface NetworkInfo {
  readonly label: string | null;
  readonly seed: number | null;
  readonly dt: number;
  readonly objects: Readonly<Record<"ensembles" | "neurons" | "nodes" | "connections" | "probes" | "networks", number>>;
  readonly operators: { readonly total: number; readonly byKind: Readonly<Record<string, number>>; readonly groups: number };
  /** Bytes in float64, but for the number of parameters. */
  readonly memory: { readonly item: number; readonly shared: number; readonly parameters: number; readonly probesPerSecond: number };
  readonly step: StepCost & { readonly microseconds: number; readonly engine: string };
  readonly notes: readonly string[];
}

const BYTES = 8;
/** Milliseconds that a measured run takes at least. */
const MEASURED = 100;

/** Describes a network; `sim` is a simulator of it, which is run for a moment to measure a step. */
export async function describeNetwork(network: Network, sim: Simulator): Promise<NetworkInfo> {
  const built = buildNetwork(network, { dt: sim.dt, seed: sim.seed });
  const { groups, layout } = planProgram(built.program("inference"));
  const operators = groups.flatMap((group) => group.operators);
  const byKind: Record<string, number> = {};
  for (const { kind } of operators) byKind[kind] = (byKind[kind] ?? 0) + 1;
  const rows = network.allProbes.map((probe) => {
    const size = built.probes.get(probe)!.shape.reduce((a, b) => a * b, 1);
    return size / (probe.sampleEvery ?? sim.dt);
  });
  return {
    label: network.label,
    seed: network.seed,
    dt: sim.dt,
    objects: {
      ensembles: network.allEnsembles.length,
      neurons: network.nNeurons,
      nodes: network.allNodes.length,
      connections: network.allConnections.length,
      probes: network.allProbes.length,
      networks: network.allNetworks.length,
    },
    operators: { total: operators.length, byKind, groups: groups.length },
    memory: {
      item: BYTES * layout.itemSize,
      shared: BYTES * layout.sharedSize,
      parameters: built.parameters.reduce((sum, { signal }) => sum + signal.size, 0),
      probesPerSecond: BYTES * rows.reduce((a, b) => a + b, 0),
    },
    step: { ...costOf(operators), microseconds: await measured(sim), engine: sim.report.engine },
    notes: sim.report.notes,
  };
}

/** Microseconds a step, by runs of twice as many steps each until one is long enough. */
async function measured(sim: Simulator): Promise<number> {
  for (let steps = 16; ; steps *= 2) {
    sim.reset();
    const start = performance.now();
    await sim.runSteps(steps, { progressBar: false });
    const elapsed = performance.now() - start;
    if (elapsed < MEASURED) continue;
    sim.reset();
    return (1000 * elapsed) / steps;
  }
}
