import { ValidationError } from "../errors.ts";
import { networkFromJSON, networkToJSON } from "../json/index.ts";
import { configure, trainableOf, type Network, type Node, type Probe } from "../network/index.ts";
import type { Phase } from "../neurons/neuronType.ts";

/** What a network layer is made of. */
export interface Definition {
  readonly network: Network;
  readonly inputs: readonly Node[];
  readonly outputs: readonly Probe[];
  readonly nSteps: number | null;
  /** Seconds. */
  readonly dt: number;
  readonly phase: Phase | "auto";
  readonly seed: number;
}

interface Text extends Omit<Definition, "network" | "inputs" | "outputs"> {
  readonly network: unknown;
  readonly rootSeed: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** By ensemble (encoders, bias) and by connection. */
  readonly trainable: {
    readonly ensembles: readonly (readonly [boolean | null, boolean | null])[];
    readonly connections: readonly (boolean | null)[];
  };
}

/** A definition as text, for a layer's config: tfjs rewrites the keys and strings of objects in a config, but not this. */
export function definitionText({ network, inputs, outputs, ...rest }: Definition, rootSeed: number): string {
  const text: Text = {
    ...rest,
    network: networkToJSON(network),
    rootSeed,
    inputs: inputs.map((node) => network.allNodes.indexOf(node)),
    outputs: outputs.map((probe) => network.allProbes.indexOf(probe)),
    trainable: {
      ensembles: network.allEnsembles.map((e) => [trainableOf(e), trainableOf(e.neurons)] as const),
      connections: network.allConnections.map((c) => trainableOf(c)),
    },
  };
  return JSON.stringify(text);
}

/** The definition that a text describes, with a network of its own. */
export function definitionFromText(text: string): Definition {
  const { network: document, rootSeed, inputs, outputs, trainable, ...rest } = JSON.parse(text) as Text;
  const network = networkFromJSON(document);
  network.seed ??= rootSeed;
  network.allEnsembles.forEach((ensemble, k) => {
    const [encoders, bias] = trainable.ensembles[k];
    configure(ensemble, { trainable: encoders });
    configure(ensemble.neurons, { trainable: bias });
  });
  network.allConnections.forEach((connection, k) => configure(connection, { trainable: trainable.connections[k]! }));
  const pick = <T>(list: readonly T[], index: number, what: string): T => {
    const found = list[index];
    if (found === undefined)
      throw new ValidationError({
        owner: "NengoLayer",
        parameter: what,
        expected: `an index below ${list.length}`,
        got: `${index}`,
        fix: "The saved config is damaged",
      });
    return found;
  };
  return {
    ...rest,
    network,
    inputs: inputs.map((i) => pick(network.allNodes, i, "inputs")),
    outputs: outputs.map((i) => pick(network.allProbes, i, "outputs")),
  };
}
