import { Ensemble, objectName, type Connection } from "../../network/index.ts";
import { rulesOf } from "../../network/learningRules.ts";
import { table, type Cell } from "../../table.ts";
import { Simulator } from "../../simulator/index.ts";
import type { InfoArguments } from "../commands/info.ts";
import { MOST_ROWS } from "../defaults.ts";
import { describeNetwork, type NetworkInfo } from "../describeNetwork.ts";
import type { Io } from "../io.ts";
import { loadNetwork } from "../loadNetwork.ts";

/** Describes a network: what it is made of, and what a step of it takes. */
export async function showInfo(file: string, { dt, functions, json, all, plan }: InfoArguments, io: Io): Promise<void> {
  const { network } = await loadNetwork(file, functions);
  const sim = new Simulator(network, { dt, progressBar: false });
  const described = await describeNetwork(network, sim);
  if (json) {
    io.out(`${JSON.stringify({ file, ...described, ...(plan ? { plan: sim.plan.describe().split("\n") } : {}) })}\n`);
    return;
  }
  io.out(`${String(network)}, seed ${network.seed ?? "none"}\n\n${totals(described)}\n`);
  const list = (title: string, header: readonly string[], rows: readonly (readonly Cell[])[]): void => {
    if (rows.length === 0) return;
    const shown = all ? rows : rows.slice(0, MOST_ROWS);
    const left = rows.length - shown.length;
    io.out(`\n${title}\n${table(header, shown)}\n${left > 0 ? `... ${left} more (--all)\n` : ""}`);
  };
  list(
    "Ensembles",
    ["name", "neurons", "dimensions", "neuron type", "radius"],
    network.allEnsembles.map((e) => [objectName(e), e.nNeurons, e.dimensions, e.neuronType.type, e.radius]),
  );
  list(
    "Nodes",
    ["name", "output", "in", "out"],
    network.allNodes.map((n) => [objectName(n), n.kind, n.sizeIn, n.sizeOut]),
  );
  list(
    "Connections",
    ["name", "weights", "synapse", "learns"],
    network.allConnections.map((c) => {
      const { weights } = sim.data.get(c);
      const shape = weights === null ? "none" : `[${weights.shape.join(", ")}]`;
      return [
        nameOf(c),
        shape,
        synapseOf(c),
        rulesOf(c)
          .map((rule) => rule.learningRuleType.type)
          .join(", "),
      ];
    }),
  );
  list(
    "Probes",
    ["name", "attribute", "every (s)"],
    network.allProbes.map((p) => [objectName(p), p.attribute, p.sampleEvery ?? dt]),
  );
  if (plan) io.out(`\nPlan\n${sim.plan.describe()}\n`);
}

function synapseOf({ synapse }: Connection): string {
  if (synapse === null) return "none";
  const { type, ...parameters } = synapse.toJSON();
  return [type, ...Object.entries(parameters).map(([name, value]) => `${name} ${JSON.stringify(value)}`)].join(" ");
}

const nameOf = (connection: Connection): string => {
  const { preObject, label } = connection;
  const decoded = preObject instanceof Ensemble && connection.function !== null ? ", a function" : "";
  return `${label === null ? "" : `${label}: `}${objectName(connection.pre)} to ${objectName(connection.post)}${decoded}`;
};

function totals({ objects, operators, memory, step }: NetworkInfo): string {
  const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
  const count = (n: number): string => n.toLocaleString("en");
  const kinds = Object.entries(operators.byKind).map(([kind, n]) => `${n} ${kind}`);
  return [
    `objects    ${objects.ensembles} ensembles (${count(objects.neurons)} neurons), ${objects.nodes} Nodes, ${objects.connections} connections, ${objects.probes} probes, ${objects.networks} subnetworks`,
    `operators  ${operators.total} (${kinds.join(", ")}), merged into ${operators.groups} groups`,
    `memory     ${kib(memory.item)} an item, ${kib(memory.shared)} shared, in float64; ${count(memory.parameters)} parameters; probes add ${kib(memory.probesPerSecond)} a second`,
    `a step     ${count(step.multiplyAdds)} multiply-adds at most, ${count(step.elementwise)} elementwise operations, ${count(step.moved)} numbers moved, ${step.calls} calls of functions`,
    `measured   ${step.microseconds.toFixed(1)} us a step (${step.engine} engine)`,
  ].join("\n");
}
