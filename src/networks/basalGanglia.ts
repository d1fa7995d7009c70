import { Choice, Uniform } from "../distributions/index.ts";
import { integer, nullable, number, type Check } from "../network/checks.ts";
import { connectionParameters } from "../network/connectionParameters.ts";
import { Network, type ConnectionFunction, type ConnectionOptions, type NetworkOptions, type Node } from "../network/index.ts";
import { checkNames, parameter, resolveOptions } from "../network/parameters.ts";
import { NnlsL2nz } from "../solvers/index.ts";
import { ensembleArray, type EnsembleArray } from "./ensembleArray.ts";
import { ofNetwork, partOf, required } from "./options.ts";

export interface BasalGangliaOptions extends NetworkOptions {
  /** Number of actions. */
  readonly dimensions: number;
  /** @defaultValue 100 */
  readonly nNeuronsPerEnsemble?: number;
  /** Output of an action that is not chosen, per unit. @defaultValue -3 */
  readonly outputWeight?: number;
  /** Added to every input. @defaultValue 0 */
  readonly inputBias?: number;
  /** Options of excitatory connections. @defaultValue null: a synapse of 0.002 s */
  readonly ampaConfig?: ConnectionOptions | null;
  /** Options of inhibitory connections. @defaultValue null: a synapse of 0.008 s */
  readonly gabaConfig?: ConnectionOptions | null;
}

const ofConnections: Check<ConnectionOptions> = (owner, name, value) => {
  checkNames(`${owner}.${name}`, value, connectionParameters);
  return value as ConnectionOptions;
};

/** Options and their defaults. */
export const parameters = {
  dimensions: required(integer({ min: 1 })),
  nNeuronsPerEnsemble: parameter(100, integer({ min: 1 })),
  outputWeight: parameter(-3, number()),
  inputBias: parameter(0, number()),
  ampaConfig: parameter(null, nullable(ofConnections)),
  gabaConfig: parameter(null, nullable(ofConnections)),
  ...ofNetwork("Basal Ganglia"),
};

/** Where the nuclei begin to answer. */
const thresholds = { striatum: 0.2, subthalamic: -0.25, pallidus: -0.2 };

/** What the nuclei receive; dopamine (0.2) favours D1 and weakens D2. */
const weights = { cortexToD1: 1.2, cortexToD2: 0.8, cortexToSubthalamic: 1, striatum: -1, subthalamic: 0.9, gpeToGpi: -0.3, gpeToStn: -1 };

/** Nothing below the threshold, linear above. */
const above =
  (threshold: number): ConnectionFunction =>
  (x) =>
    x[0] < threshold ? 0 : x[0] - threshold;

/**
 * Chooses the largest of its inputs: the output is near 0 for it and negative for all others.
 * Source: Gurney, Prescott & Redgrave, Biological Cybernetics 84 (2001), for weights and thresholds; in spiking neurons, Stewart, Choo &
 * Eliasmith, ICCM (2010), "Dynamic behaviour of a spiking model of action selection in the basal ganglia".
 */
export class BasalGanglia extends Network {
  readonly input: Node;
  readonly output: Node;
  /** Null without a bias. */
  readonly biasInput: Node | null;
  readonly strD1: EnsembleArray;
  readonly strD2: EnsembleArray;
  readonly stn: EnsembleArray;
  readonly gpi: EnsembleArray;
  readonly gpe: EnsembleArray;

  constructor(options: BasalGangliaOptions, parent: Network | null = null) {
    const given = resolveOptions("BasalGanglia", parameters, options, []);
    const { dimensions: d, inputBias, label, seed } = given;
    super({ label, seed }, parent);
    const ampa = withSynapse(given.ampaConfig, 0.002);
    const gaba = withSynapse(given.gabaConfig, 0.008);
    // Defaults for what is made here, and for nothing that is added later.
    this.config.ensemble.set({ radius: 1.5, encoders: new Choice({ options: [[1]] }) });
    this.config.connection.set({ solver: new NnlsL2nz() });
    const nucleus = (name: string, low: number): EnsembleArray =>
      ensembleArray(this, { nNeurons: given.nNeuronsPerEnsemble, nEnsembles: d, label: name, intercepts: new Uniform({ low, high: 1 }) });
    this.strD1 = nucleus("Striatal D1 neurons", thresholds.striatum);
    this.strD2 = nucleus("Striatal D2 neurons", thresholds.striatum);
    this.stn = nucleus("Subthalamic nucleus", thresholds.subthalamic);
    this.gpi = nucleus("Globus pallidus internus", thresholds.pallidus);
    this.gpe = nucleus("Globus pallidus externus", thresholds.pallidus);
    this.input = this.node({ sizeIn: d, label: "input" });
    this.output = this.node({ sizeIn: d, label: "output" });
    this.biasInput = inputBias === 0 ? null : this.node(new Array<number>(d).fill(inputBias), { label: "basal ganglia bias" });
    if (this.biasInput !== null) this.connect(this.biasInput, this.input);

    this.connect(this.input, this.strD1.input, { synapse: null, transform: weights.cortexToD1 });
    this.connect(this.input, this.strD2.input, { synapse: null, transform: weights.cortexToD2 });
    this.connect(this.input, this.stn.input, { synapse: null, transform: weights.cortexToSubthalamic });
    const ofStriatum = above(thresholds.striatum);
    const [d1, d2] = [this.strD1.addOutput("func_str", ofStriatum), this.strD2.addOutput("func_str", ofStriatum)];
    this.connect(d1, this.gpi.input, { ...gaba, transform: weights.striatum });
    this.connect(d2, this.gpe.input, { ...gaba, transform: weights.striatum });
    const stn = this.stn.addOutput("func_stn", above(thresholds.subthalamic));
    const toAll = Array.from({ length: d }, () => new Array<number>(d).fill(weights.subthalamic));
    this.connect(stn, this.gpi.input, { ...ampa, transform: toAll });
    this.connect(stn, this.gpe.input, { ...ampa, transform: toAll });
    const gpe = this.gpe.addOutput("func_gpe", above(thresholds.pallidus));
    this.connect(gpe, this.gpi.input, { ...gaba, transform: weights.gpeToGpi });
    this.connect(gpe, this.stn.input, { ...gaba, transform: weights.gpeToStn });
    const gpi = this.gpi.addOutput("func_gpi", above(thresholds.pallidus));
    this.connect(gpi, this.output, { synapse: null, transform: given.outputWeight });

    this.config.ensemble.set({ radius: undefined, encoders: undefined });
    this.config.connection.set({ solver: undefined });
  }
}

function withSynapse(options: ConnectionOptions | null, tau: number): ConnectionOptions {
  const { synapse = tau } = options ?? {};
  return { ...options, synapse };
}

/** Makes a network that chooses the largest of its inputs. @throws ValidationError for bad options */
export const basalGanglia = (parent: Network, options: BasalGangliaOptions): BasalGanglia =>
  partOf(parent, "basalGanglia", () => new BasalGanglia(options, parent));
