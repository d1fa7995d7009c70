import { MOST_NUMBERS } from "../math/room.ts";
import { checkInteger } from "../declared.ts";
import type { DistOrArray } from "../distributions/distribution.ts";
import type { NeuronType } from "../neurons/neuronType.ts";
import type { Process } from "../processes/process.ts";
import type { DistOrArrayLike } from "./checks.ts";
import { ensembleParameters, type EnsembleOptions, type EnsembleValues } from "./ensembleParameters.ts";
import type { Network } from "./network.ts";
import { Neurons } from "./neurons.ts";
import { protect } from "../readonly.ts";
import { labelOf, labelled } from "./objectName.ts";
import { resolveOptions } from "./parameters.ts";
import { Viewable } from "./view.ts";

/**
 * A population of neurons that represents a vector. Made by `network.ensemble(nNeurons, dimensions, options)`.
 * Its parameters may be set later, with the same checks; a Simulator takes them as they are when it is made.
 */
export class Ensemble extends Viewable {
  static readonly probeable: readonly string[] = ["decodedOutput", "input", "scaledEncoders"];
  readonly network: Network;
  readonly nNeurons: number;
  readonly dimensions: number;
  /** The neurons, to connect to and from directly, or to probe. */
  readonly neurons: Neurons;
  private readonly values: EnsembleValues;

  constructor(network: Network, nNeurons: number, dimensions: number, options: EnsembleOptions = {}) {
    super();
    const owner = labelled("Ensemble", labelOf(options));
    this.network = network;
    this.nNeurons = checkInteger(owner, "nNeurons", nNeurons, { min: 1, max: MOST_NUMBERS });
    this.dimensions = checkInteger(owner, "dimensions", dimensions, { min: 1, max: MOST_NUMBERS });
    this.values = resolveOptions(owner, ensembleParameters, options, network.defaults("ensemble"), { nNeurons, dimensions });
    this.neurons = new Neurons(this);
    protect(this, owner, ["network", "nNeurons", "dimensions", "neurons"], "Make another ensemble");
  }

  override get sizeIn(): number {
    return this.dimensions;
  }
  override get sizeOut(): number {
    return this.dimensions;
  }

  /** Length of the longest vector represented well. */
  get radius(): number {
    return this.values.radius;
  }
  set radius(value: number) {
    this.change("radius", value);
  }

  /** Preferred directions `[nNeurons, dimensions]`. */
  get encoders(): DistOrArray {
    return this.values.encoders;
  }
  set encoders(value: DistOrArrayLike) {
    this.change("encoders", value);
  }

  /** Where along its encoder a neuron starts to fire, `[nNeurons]`. */
  get intercepts(): DistOrArray {
    return this.values.intercepts;
  }
  set intercepts(value: DistOrArrayLike) {
    this.change("intercepts", value);
  }

  /** Rates at the radius, Hz, `[nNeurons]`. */
  get maxRates(): DistOrArray {
    return this.values.maxRates;
  }
  set maxRates(value: DistOrArrayLike) {
    this.change("maxRates", value);
  }

  /** Points `[n, dimensions]` of the unit sphere where decoders are fitted. */
  get evalPoints(): DistOrArray {
    return this.values.evalPoints;
  }
  set evalPoints(value: DistOrArrayLike) {
    this.change("evalPoints", value);
  }

  /** How many evaluation points are drawn; null: clip(500 dimensions, 750, 2500), at least 2 nNeurons. */
  get nEvalPoints(): number | null {
    return this.values.nEvalPoints;
  }
  set nEvalPoints(value: number | null) {
    this.change("nEvalPoints", value);
  }

  get neuronType(): NeuronType {
    return this.values.neuronType;
  }
  set neuronType(value: NeuronType) {
    this.change("neuronType", value);
  }

  /** Gains `[nNeurons]`; null: from intercepts and maxRates. */
  get gain(): DistOrArray | null {
    return this.values.gain;
  }
  set gain(value: DistOrArrayLike | null) {
    this.change("gain", value);
  }

  /** Biases `[nNeurons]`; null: from intercepts and maxRates. */
  get bias(): DistOrArray | null {
    return this.values.bias;
  }
  set bias(value: DistOrArrayLike | null) {
    this.change("bias", value);
  }

  /** A process whose output is added to the neurons' input currents. */
  get noise(): Process | null {
    return this.values.noise;
  }
  set noise(value: Process | null) {
    this.change("noise", value);
  }

  /** Whether encoders are scaled to length 1. */
  get normalizeEncoders(): boolean {
    return this.values.normalizeEncoders;
  }
  set normalizeEncoders(value: boolean) {
    this.change("normalizeEncoders", value);
  }

  get label(): string | null {
    return this.values.label;
  }
  set label(value: string | null) {
    this.change("label", value);
  }

  /** 0..2^32-1; null: drawn from the network's. */
  get seed(): number | null {
    return this.values.seed;
  }
  set seed(value: number | null) {
    this.change("seed", value);
  }

  /** Name for messages. */
  override toString(): string {
    return labelled("Ensemble", this.label, this);
  }

  private change<K extends keyof EnsembleValues>(name: K, value: unknown): void {
    const { nNeurons, dimensions } = this;
    this.values[name] = ensembleParameters[name].check(String(this), name, value, { nNeurons, dimensions }) as EnsembleValues[K];
  }
}
