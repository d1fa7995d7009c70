import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { buildNetwork } from "../build/build.ts";
import { checkBoolean, checkChoice, checkInteger } from "../declared.ts";
import { initialBlock, parameterBlocks, type Block } from "../engines/blocks.ts";
import { Scan } from "../engines/tfjs/scan.ts";
import { ShapeError, ValidationError } from "../errors.ts";
import type { ParameterRole, Signal } from "../ir/signal.ts";
import { networkFromJSON, networkToJSON } from "../json/index.ts";
import { ndarray } from "../math/ndarray.ts";
import { configure, Network, type FunctionLike } from "../network/index.ts";
import type { ConnectionOptions } from "../network/connectionParameters.ts";
import { ensembleParameters, type EnsembleOptions } from "../network/ensembleParameters.ts";
import type { Phase } from "../neurons/neuronType.ts";
import { keptSignals } from "../plan/keptSignals.ts";
import { drawSeed } from "./entropy.ts";
import { TemporalLayer, type Shape, type StateSpec, type TemporalArgs, type TemporalCall, type TemporalResult } from "./temporalLayer.ts";

type OfEnsemble = Omit<EnsembleOptions, "label" | "seed">;

/** Arguments of {@link ensemble}: those of `network.ensemble`, and of the connection that decodes. */
export interface EnsembleArgs extends TemporalArgs, OfEnsemble, Pick<ConnectionOptions, "solver"> {
  /** Number of neurons. The dimensions are the input's features. */
  nNeurons: number;
  /** What is decoded: a function of the represented vector, or its values at `evalPoints`. @defaultValue the vector itself */
  function?: FunctionLike;
  /** `decoded`: `[batch, steps, sizeOut]`, what the function gives; `neurons`: `[batch, steps, nNeurons]`, spikes or rates. @defaultValue "decoded" */
  output?: "decoded" | "neurons";
  /** `auto`: training (rates for spikes) inside fit, inference (spikes) elsewhere. @defaultValue "auto" */
  phase?: Phase | "auto";
  /** @defaultValue true */
  trainableEncoders?: boolean;
  /** @defaultValue true */
  trainableBias?: boolean;
  /** @defaultValue true */
  trainableDecoders?: boolean;
}

/** A layer as it was saved: its network is text, with functions as their values at the evaluation points. */
type Saved = Omit<EnsembleArgs, keyof OfEnsemble | "function" | "solver"> & { definition: { name: string } };

/** What runs, for one dt. */
interface Prepared {
  readonly dt: number;
  readonly blocks: readonly Block[];
  /** States of the neurons as they spike. */
  readonly states: readonly Signal[];
  readonly initial: readonly (Float64Array | null)[];
  readonly sizeOut: number;
  readonly scans: Readonly<Record<Phase, Scan>>;
}

/** Roles in the order of the layer's weights. */
const roles: readonly ParameterRole[] = ["scaledEncoders", "bias", "weights"];

/**
 * A population of neurons that represents its input's features, and decodes a function of them: solved when the layer is built (the
 * decoders of the Neural Engineering Framework, with the numbers of Nengo for the same seed), trainable afterwards.
 *
 * Input `[batch, steps, ...features]`, whose features are one vector. Weights: `scaledEncoders` `[dimensions, nNeurons]` (encoders times
 * gain / radius, transposed as a kernel is), `bias` `[nNeurons]`, `decoders` `[nNeurons, sizeOut]`. States are those of the neurons.
 * The seed is the ensemble's, drawn once where there is none.
 * Source: Eliasmith & Anderson, Neural Engineering (2003).
 * @throws BuildError, ValidationError, ShapeError for parameters that make no ensemble
 */
export class EnsembleLayer extends TemporalLayer {
  static className = "NengoEnsemble";
  readonly nNeurons: number;
  readonly outputKind: "decoded" | "neurons";
  readonly phase: Phase | "auto";
  readonly trainableEncoders: boolean;
  readonly trainableBias: boolean;
  readonly trainableDecoders: boolean;
  /** Makes the network, once the dimensions are known. */
  private readonly make: (dimensions: number) => Network;
  /** What the layer was loaded from. */
  private readonly saved: Saved["definition"] | null = null;
  private network: Network | null = null;
  private prepared: Prepared | null = null;
  private readonly variables = new Map<ParameterRole, tfl.LayerVariable>();

  constructor(args: EnsembleArgs | Saved) {
    const { nNeurons, output = "decoded", phase = "auto", trainableEncoders = true, trainableBias = true, trainableDecoders = true } = args;
    const { base, own, rest } = split(args);
    super({ ...base, seed: args.seed ?? drawSeed() });
    const { owner } = this;
    this.nNeurons = checkInteger(owner, "nNeurons", nNeurons, { min: 1 });
    this.outputKind = checkChoice(owner, "output", output, ["decoded", "neurons"]);
    this.phase = checkChoice(owner, "phase", phase, ["auto", "training", "inference"]);
    this.trainableEncoders = checkBoolean(owner, "trainableEncoders", trainableEncoders);
    this.trainableBias = checkBoolean(owner, "trainableBias", trainableBias);
    this.trainableDecoders = checkBoolean(owner, "trainableDecoders", trainableDecoders);
    const { definition, function: fn, solver } = rest as Partial<Saved & EnsembleArgs>;
    if (definition !== undefined) {
      this.saved = definition;
      const document: unknown = JSON.parse(definition.name);
      this.make = () => networkFromJSON(document);
      return;
    }
    this.make = (dimensions) =>
      makeNetwork(dimensions, { nNeurons: this.nNeurons, output, seed: this.seed!, options: own, fn: fn ?? null, solver });
    // What does not depend on the input's features is checked at once.
    const { encoders: _e, evalPoints: _p, ...checkable } = own;
    new Network({ seed: 0 }).ensemble(this.nNeurons, 1, { ...checkable, label: this.name });
  }

  private trains(role: ParameterRole): boolean {
    return { scaledEncoders: this.trainableEncoders, bias: this.trainableBias, weights: this.trainableDecoders }[role];
  }

  /** Makes the weights, once the features are known. */
  override build(inputShape: Shape | Shape[]): void {
    super.build(inputShape);
    this.network = this.make(this.units);
    this.prepared = null;
    const { blocks } = this.prepare();
    this.variables.clear();
    for (const block of blocks) {
      const { shape } = block.entries[0].parameter.signal;
      // Matrices are stored by columns: as the transposed matrix, row by row.
      const size = [...shape].reverse();
      const name = block.role === "weights" ? "decoders" : block.role;
      const variable = this.addWeight(name, size, "float32", tfl.initializers.zeros(), undefined, this.trains(block.role));
      tf.tidy(() => {
        variable.write(tf.tensor(Float32Array.from(initialBlock(block)), size));
      });
      this.variables.set(block.role, variable);
    }
  }

  /** @throws ShapeError where a loaded ensemble has other dimensions */
  private prepare(): Prepared {
    if (this.prepared?.dt === this.dt) return this.prepared;
    this.prepared?.scans.training.dispose();
    this.prepared?.scans.inference.dispose();
    const { dt, owner, seed } = this;
    const net = this.network!;
    const [ensemble] = net.allEnsembles;
    if (ensemble.dimensions !== this.units)
      throw new ShapeError({ owner, expected: `an input of ${ensemble.dimensions} features`, got: `${this.units}` });
    configure(ensemble, { trainable: this.trainableEncoders });
    configure(ensemble.neurons, { trainable: this.trainableBias });
    for (const connection of net.allConnections) configure(connection, { trainable: this.trainableDecoders });
    const built = buildNetwork(net, { dt, seed: seed! });
    const all = parameterBlocks(built.parameters);
    const blocks = roles.flatMap((role) => all.filter((block) => block.role === role));
    const states = [...keptSignals(built.program("inference").operators)].filter((s) => s.perItem);
    const [probe] = net.allProbes;
    const { slot, shape } = built.probes.get(probe)!;
    const options = { owner, fed: [built.inputs.get(net.allNodes[0])!.slot], recorded: [slot], blocks, seed: seed! };
    this.prepared = {
      dt,
      blocks,
      states,
      initial: states.map((s) => s.initial),
      sizeOut: shape.reduce((a, b) => a * b, 1),
      scans: {
        training: new Scan(built.program("training"), options),
        inference: new Scan(built.program("inference"), { ...options, states }),
      },
    };
    return this.prepared;
  }

  protected override outputFeatures(features: readonly number[]): readonly number[] {
    if (this.outputKind === "neurons") return [this.nNeurons];
    if (this.prepared !== null) return [this.prepared.sizeOut];
    const network = this.make(features.reduce((a, b) => a * b, 1));
    return [network.allNodes[1].sizeOut];
  }

  protected override stateSpecs(): readonly StateSpec[] {
    return this.prepare().states.map((signal) => ({ name: signal.name.split(".").at(-1)!, shape: signal.shape }));
  }

  protected override initialStates(batch: number): readonly tf.Tensor2D[] {
    const { states, initial } = this.prepare();
    return states.map(({ size }, k) =>
      tf.tile(tf.tensor2d(Float32Array.from(initial[k] ?? new Float64Array(size)), [1, size]), [batch, 1]),
    );
  }

  protected override steps({ x, states, batch, nSteps, step, training }: TemporalCall): TemporalResult {
    const { blocks, scans } = this.prepare();
    const phase = this.phase === "auto" ? (training ? "training" : "inference") : this.phase;
    const weights = blocks.map(({ role }) => tf.reshape(this.variables.get(role)!.read(), [-1]));
    const inputs = { feeds: [x], blocks: weights };
    if (phase === "training") return { output: scans.training.run(inputs, { batch, nSteps, step }).records[0], states };
    const { records, states: after } = scans.inference.run({ ...inputs, states }, { batch, nSteps, step });
    return { output: records[0], states: after };
  }

  /** Frees weights, and the engine's memory. */
  override dispose(): ReturnType<TemporalLayer["dispose"]> {
    const result = super.dispose();
    if (result.refCountAfterDispose === 0) for (const scan of Object.values(this.prepared?.scans ?? {})) scan.dispose();
    return result;
  }

  /** @throws NetworkFileError for classes of your own that are not registered (see `registerType`) */
  override getConfig(): tf.serialization.ConfigDict {
    const { nNeurons, outputKind: output, phase, trainableEncoders, trainableBias, trainableDecoders, owner } = this;
    const definition = this.network === null ? this.saved : { name: JSON.stringify(networkToJSON(this.network)) };
    if (definition === null)
      throw new ValidationError({ owner, expected: "a built layer to save", got: "one whose input is not known", fix: "Apply it first" });
    return { ...super.getConfig(), nNeurons, output, phase, trainableEncoders, trainableBias, trainableDecoders, definition };
  }
}
tf.serialization.registerClass(EnsembleLayer);

const ensembleKeys: readonly string[] = Object.keys(ensembleParameters).filter((key) => key !== "label" && key !== "seed");
const ownKeys: readonly string[] = [
  "nNeurons",
  "function",
  "solver",
  "output",
  "phase",
  "trainableEncoders",
  "trainableBias",
  "trainableDecoders",
  "definition",
];

/** Arguments of the ensemble, of this class, and of layers in general. */
function split(args: object): { base: Record<string, unknown>; own: OfEnsemble; rest: Record<string, unknown> } {
  const out = { base: {} as Record<string, unknown>, own: {} as Record<string, unknown>, rest: {} as Record<string, unknown> };
  for (const [key, value] of Object.entries(args))
    (ensembleKeys.includes(key) ? out.own : ownKeys.includes(key) ? out.rest : out.base)[key] = value;
  return out;
}

interface Parts {
  readonly nNeurons: number;
  readonly output: "decoded" | "neurons";
  readonly seed: number;
  readonly options: OfEnsemble;
  readonly fn: FunctionLike;
  readonly solver: ConnectionOptions["solver"];
}

/** input -> ensemble -> decoded value, with a probe of what the layer gives. */
function makeNetwork(dimensions: number, { nNeurons, output, seed, options, fn, solver }: Parts): Network {
  const net = new Network({ seed });
  const input = net.node(new Float64Array(dimensions) as unknown as number[]);
  const ensemble = net.ensemble(nNeurons, dimensions, { ...options, seed });
  net.connect(input, ensemble, { synapse: null });
  if (output === "neurons") {
    net.probe(ensemble.neurons);
    return net;
  }
  const node = net.node({ sizeIn: sizeOfFunction(fn, dimensions) });
  net.connect(ensemble, node, { synapse: null, function: fn, ...(solver === undefined ? {} : { solver }) });
  net.probe(node);
  return net;
}

function sizeOfFunction(fn: FunctionLike, dimensions: number): number {
  if (fn === null) return dimensions;
  if (typeof fn === "function") {
    const value = fn(new Float64Array(dimensions));
    return typeof value === "number" ? 1 : value.length;
  }
  const points = ndarray("points" in fn ? fn.points : fn, { owner: "NengoEnsemble", parameter: "function" });
  return points.shape[1] ?? 1;
}

/** A population of neurons as a layer: see {@link EnsembleLayer}. */
export const ensemble = (args: EnsembleArgs): EnsembleLayer => new EnsembleLayer(args);
