import { checkInteger, checkNumber } from "../declared.ts";
import { Choice, Uniform } from "../distributions/index.ts";
import { Network, type ConnectionFunction, type ConnectionOptions, type NetworkOptions, type Node } from "../network/index.ts";
import { NnlsL2nz } from "../solvers/index.ts";
import { ensembleArray, type EnsembleArray } from "./ensembleArray.ts";

export interface BasalGangliaOptions extends NetworkOptions {
  /** Number of actions. */
  readonly dimensions: number;
  /** @defaultValue 100 */
  readonly nNeuronsPerEnsemble?: number;
  /** Output of an action that is not chosen, per unit. @defaultValue -3 */
  readonly outputWeight?: number;
  /** Added to every input. @defaultValue 0 */
  readonly inputBias?: number;
  /** Options of excitatory connections. @defaultValue a synapse of 0.002 s */
  readonly ampaConfig?: ConnectionOptions;
  /** Options of inhibitory connections. @defaultValue a synapse of 0.008 s */
  readonly gabaConfig?: ConnectionOptions;
}

/*
 * Weights and thresholds of Gurney, Prescott & Redgrave, Biological Cybernetics 84 (2001); neurons as in
 * Stewart, Choo & Eliasmith, ICCM (2010), "Dynamic behaviour of a spiking model of action selection in the basal ganglia".
 */
const mm = 1;
const mp = 1;
const me = 1;
const mg = 1;
const ws = 1;
const wt = 1;
const wm = 1;
const wg = 1;
const wp = 0.9;
const we = 0.3;
const e = 0.2;
const ep = -0.25;
const ee = -0.2;
const eg = -0.2;
const le = 0.2;
const lg = 0.2;

const above =
  (threshold: number, slope: number): ConnectionFunction =>
  ([x]: ArrayLike<number> & Iterable<number>) =>
    x < threshold ? 0 : slope * (x - threshold);

/** Chooses the largest of its inputs: the output is near 0 for it and negative for all others. */
export class BasalGanglia extends Network {
  readonly input: Node;
  readonly output: Node;
  readonly biasInput: Node | null;
  readonly strD1: EnsembleArray;
  readonly strD2: EnsembleArray;
  readonly stn: EnsembleArray;
  readonly gpi: EnsembleArray;
  readonly gpe: EnsembleArray;

  constructor(options: BasalGangliaOptions, parent: Network | null = null) {
    const {
      dimensions,
      nNeuronsPerEnsemble: nNeurons = 100,
      outputWeight = -3,
      inputBias = 0,
      label = "Basal Ganglia",
      seed = null,
    } = options;
    super({ label, seed }, parent);
    const owner = String(this);
    checkInteger(owner, "dimensions", dimensions, { min: 1 });
    checkInteger(owner, "nNeuronsPerEnsemble", nNeurons, { min: 1 });
    checkNumber(owner, "outputWeight", outputWeight);
    checkNumber(owner, "inputBias", inputBias);
    const ampa = { synapse: 0.002, ...options.ampaConfig };
    const gaba = { synapse: 0.008, ...options.gabaConfig };
    // Defaults for what is made here, and for nothing that is added later.
    this.config.ensemble.set({ radius: 1.5, encoders: new Choice({ options: [[1]] }) });
    this.config.connection.set({ solver: new NnlsL2nz() });
    const array = (name: string, low: number): EnsembleArray =>
      ensembleArray(this, { nNeurons, nEnsembles: dimensions, label: name, intercepts: new Uniform({ low, high: 1 }) });
    this.strD1 = array("Striatal D1 neurons", e);
    this.strD2 = array("Striatal D2 neurons", e);
    this.stn = array("Subthalamic nucleus", ep);
    this.gpi = array("Globus pallidus internus", eg);
    this.gpe = array("Globus pallidus externus", ee);
    this.input = this.node({ sizeIn: dimensions, label: "input" });
    this.output = this.node({ sizeIn: dimensions, label: "output" });
    this.biasInput = null;
    if (inputBias !== 0) {
      this.biasInput = this.node(new Array<number>(dimensions).fill(inputBias), { label: "basal ganglia bias" });
      this.connect(this.biasInput, this.input);
    }
    this.connect(this.input, this.strD1.input, { synapse: null, transform: ws * (1 + lg) });
    this.connect(this.input, this.strD2.input, { synapse: null, transform: ws * (1 - le) });
    this.connect(this.input, this.stn.input, { synapse: null, transform: wt });
    const strD1Output = this.strD1.addOutput("func_str", above(e, mm));
    const strD2Output = this.strD2.addOutput("func_str", above(e, mm));
    this.connect(strD1Output, this.gpi.input, { ...gaba, transform: -wm });
    this.connect(strD2Output, this.gpe.input, { ...gaba, transform: -wm });
    const all = Array.from({ length: dimensions }, () => new Array<number>(dimensions).fill(wp));
    const stnOutput = this.stn.addOutput("func_stn", above(ep, mp));
    this.connect(stnOutput, this.gpi.input, { ...ampa, transform: all });
    this.connect(stnOutput, this.gpe.input, { ...ampa, transform: all });
    const gpeOutput = this.gpe.addOutput("func_gpe", above(ee, me));
    this.connect(gpeOutput, this.gpi.input, { ...gaba, transform: -we });
    this.connect(gpeOutput, this.stn.input, { ...gaba, transform: -wg });
    const gpiOutput = this.gpi.addOutput("func_gpi", above(eg, mg));
    this.connect(gpiOutput, this.output, { synapse: null, transform: outputWeight });
    this.config.ensemble.set({ radius: undefined, encoders: undefined });
    this.config.connection.set({ solver: undefined });
  }
}

/** Makes a network that chooses the largest of its inputs. */
export const basalGanglia = (parent: Network, options: BasalGangliaOptions): BasalGanglia => parent.add(new BasalGanglia(options, parent));
