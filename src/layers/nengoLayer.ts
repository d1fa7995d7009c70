import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { buildNetwork, type BuiltNetwork } from "../build/build.ts";
import { checkBoolean, checkChoice, checkInteger, checkNumber, checkSeed } from "../declared.ts";
import { initialBlock, parameterBlocks, type Block } from "../engines/blocks.ts";
import { engineChoices, type EngineChoice } from "../engines/choose.ts";
import { recordedRows } from "../engines/engine.ts";
import { Carried } from "../engines/tfjs/carried.ts";
import { prepareTensorProgram } from "../engines/tfjs/prepare.ts";
import { StageChoice } from "../engines/tfjs/stage.ts";
import type { TensorProgram } from "../engines/tfjs/tensorProgram.ts";
import { makeStreams } from "../engines/streams.ts";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import { Network, objectName, type Node, type Probe } from "../network/index.ts";
import type { Phase } from "../neurons/neuronType.ts";
import { adoptWeights } from "./adoptWeights.ts";
import { definitionFromText, definitionText, type Definition } from "./definition.ts";
import { drawSeed } from "./entropy.ts";
import { isLayer, TensorNode } from "./tensorNode.ts";

type LayerArgs = ConstructorParameters<typeof tfl.layers.Layer>[0];

/** Arguments of {@link NengoLayer}. */
export interface NetworkLayerArgs extends NonNullable<LayerArgs> {
  /** The network; it is read when the layer is made, later changes do not count. */
  network: Network;
  /** Input Nodes that the layer's inputs feed, in order, each `[batch, steps, sizeOut]` (or with several feature axes of so many values); the others run from their own output. @defaultValue none */
  inputs?: readonly Node[];
  /** Probes that are the layer's outputs, in order, each `[batch, rows, size]`. @defaultValue all */
  outputs?: readonly Probe[];
  /** Steps of a run; needed where no input says it. */
  nSteps?: number;
  /** Seconds. @defaultValue 0.001 */
  dt?: number;
  /** `auto`: training (rates for spikes) inside fit, inference (spikes) elsewhere. @defaultValue "auto" */
  phase?: Phase | "auto";
  /** Seed of processes and stochastic neurons, the same at every call. @defaultValue the network's seed + 1 */
  seed?: number;
  /**
   * What runs the network: kernels on the CPU (`wasm`, `reference`), tf operations (`tfjs`), or whichever the backend takes. It belongs
   * to the machine and is not saved. @defaultValue "auto"
   */
  engine?: EngineChoice;
  /** Whether the next call goes on from where this one ended, random streams and all; `resetStates()` begins anew. @defaultValue false */
  stateful?: boolean;
}

/** What a Simulator shares with its layer. */
export interface Prepared {
  readonly built: BuiltNetwork;
  readonly engine: EngineChoice;
}

/**
 * A whole network as a layer. Every call runs it from its initial state over all steps, as one kernel (on backends without kernels, as
 * tf operations). Weights are the
 * network's scaled encoders, biases and connection weights; what trains is said by `nengo.configure`.
 * @throws ValidationError for Nodes and Probes of another network; ShapeError for inputs of the wrong size
 */
export class NengoLayer extends tfl.layers.Layer {
  static className = "NengoNetwork";
  readonly definition: Definition;
  /** Everything drawn and solved, float64. */
  readonly builtNetwork: BuiltNetwork;
  readonly blocks: readonly Block[];
  private readonly stages: StageChoice;
  private readonly variables: tfl.LayerVariable[] = [];
  private forced: Phase | null = null;
  private onCall: (() => void) | null = null;
  private readonly programs = new Map<string, TensorProgram>();
  private carried: Carried | null = null;

  constructor(
    args: NetworkLayerArgs | (NonNullable<LayerArgs> & { definition: { name: string }; stateful?: boolean }),
    prepared?: Prepared,
  ) {
    const saved = "definition" in args ? definitionFromText(args.definition.name) : null;
    const { rest, definition, engine } =
      saved === null ? define(args as NetworkLayerArgs) : { rest: withoutDefinition(args), definition: saved, engine: "auto" as const };
    super(rest);
    (this as unknown as { _stateful: boolean })._stateful = checkBoolean("NengoLayer", "stateful", args.stateful ?? false);
    this.definition = definition;
    this.builtNetwork = prepared?.built ?? buildNetwork(definition.network, { dt: definition.dt, seed: drawSeed() });
    this.stages = new StageChoice("NengoLayer", prepared?.engine ?? engine);
    this.blocks = parameterBlocks(this.builtNetwork.parameters);
    for (const node of definition.inputs) {
      if (!this.builtNetwork.inputs.has(node)) {
        throw new ValidationError({
          owner: "NengoLayer",
          parameter: "inputs",
          expected: "Nodes without input of their own",
          got: `${objectName(node)} with sizeIn ${node.sizeIn}`,
          fix: "Feed a Node that is connected to it instead",
        });
      }
    }
  }

  /** Runs `work` with a phase forced and every call told to `onCall`. */
  async during<T>(phase: Phase, onCall: () => void, work: () => Promise<T>): Promise<T> {
    const before = [this.forced, this.onCall] as const;
    [this.forced, this.onCall] = [phase, onCall];
    try {
      return await work();
    } finally {
      [this.forced, this.onCall] = before;
    }
  }

  override build(inputShape: (number | null)[] | (number | null)[][]): void {
    for (const block of this.blocks) {
      const variable = this.addWeight(
        block.trainable ? block.role : `${block.role}Fixed`,
        [block.size],
        "float32",
        tfl.initializers.zeros(),
        undefined,
        block.trainable,
      );
      this.variables.push(variable);
    }
    this.restoreBuilt();
    for (const node of this.definition.network.allNodes) {
      if (!(node instanceof TensorNode) || !isLayer(node.tensorFunction)) continue;
      const { tensorFunction: inner } = node;
      if (!inner.built) inner.build([null, ...node.shapeIn]);
      adoptWeights(this, inner);
    }
    super.build(inputShape);
  }

  /** Puts the built values back into the weights. */
  restoreBuilt(): void {
    this.blocks.forEach((block, k) => {
      tf.tidy(() => {
        this.variables[k].write(tf.tensor1d(Float32Array.from(initialBlock(block))));
      });
    });
  }

  /** Variables of the parameter blocks, in the blocks' order; empty before the layer is built. */
  get blockVariables(): readonly tfl.LayerVariable[] {
    return this.variables;
  }

  /** How a phase runs on the present backend. */
  tensorProgram(phase: Phase): TensorProgram {
    const stages = this.stages.present;
    const key = `${phase} ${stages.name}`;
    let made = this.programs.get(key);
    if (made === undefined) {
      const { inputs, outputs, seed } = this.definition;
      made = prepareTensorProgram(this.builtNetwork.program(phase), {
        stages,
        fed: inputs.map((node) => this.builtNetwork.inputs.get(node)!.slot),
        recorded: outputs.map((probe) => this.builtNetwork.probes.get(probe)!.slot),
        blocks: this.blocks,
        seed,
        carries: this.stateful,
      });
      this.programs.set(key, made);
    }
    return made;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor | tf.Tensor[] {
    return tf.tidy(() => {
      const given = [inputs].flat();
      const { batch, nSteps } = this.extent(given);
      const training = kwargs["training"] === true;
      const { phase: chosen } = this.definition;
      const phase = this.forced ?? (chosen === "auto" ? (training ? "training" : "inference") : chosen);
      const feeds = new Map(
        this.definition.inputs.map((node, k) => [
          this.builtNetwork.inputs.get(node)!.slot,
          tf.reshape(given[k], [batch, nSteps, node.sizeOut]),
        ]),
      );
      const carried = this.carriedFor(batch);
      const records = this.tensorProgram(phase).run({
        carried,
        feeds,
        blocks: this.variables.map((v) => v.read()),
        batch,
        nSteps,
        kwargs: training ? { training } : {},
      });
      const outputs = this.definition.outputs.map((probe) => records.get(this.builtNetwork.probes.get(probe)!.slot)!);
      this.onCall?.();
      return outputs.length === 1 ? outputs[0] : outputs;
    });
  }

  /** Where a stateful layer stopped. */
  private carriedFor(batch: number): Carried | null {
    if (!this.stateful) return null;
    if (this.carried !== null && this.carried.batch !== batch)
      throw new ShapeError({
        owner: `NengoLayer ${JSON.stringify(this.name)}`,
        expected: `${this.carried.batch} items, as in the call before (the layer is stateful)`,
        got: `${batch}`,
        fix: "Call resetStates() between batches of different sizes",
      });
    // Both phases have the same streams.
    const items = Array.from({ length: batch }, (_, b) => b);
    this.carried ??= new Carried(batch, makeStreams(this.builtNetwork.program("inference"), this.definition.seed, items));
    return this.carried;
  }

  /** The next call of a stateful layer begins anew. */
  override resetStates(): void {
    if (!this.stateful)
      throw new ValidationError({
        owner: `NengoLayer ${JSON.stringify(this.name)}`,
        expected: "a stateful layer",
        got: "one that is not",
        fix: "Give stateful: true",
      });
    this.carried?.dispose();
    this.carried = null;
  }

  private extent(given: readonly tf.Tensor[]): { batch: number; nSteps: number } {
    const { inputs, nSteps } = this.definition;
    const owner = `NengoLayer ${JSON.stringify(this.name)}`;
    const count = Math.max(1, inputs.length);
    if (given.length !== count) throw new ShapeError({ owner, expected: `${count} input${count > 1 ? "s" : ""}`, got: `${given.length}` });
    const [first] = given as [tf.Tensor];
    const batch = first.shape[0];
    const steps = inputs.length === 0 ? (nSteps ?? (first.rank >= 2 ? first.shape[1]! : null)) : first.shape[1]!;
    inputs.forEach((node, k) => {
      const { shape } = given[k];
      const features = shape.slice(2).reduce((a, b) => a * b, 1);
      if (shape.length < 3 || shape[0] !== batch || shape[1] !== steps || features !== node.sizeOut) {
        throw new ShapeError({
          owner,
          parameter: `inputs[${k}]`,
          expected: `[batch, steps, ${node.sizeOut}] for ${objectName(node)}${k > 0 ? ` with ${batch} items and ${steps} steps` : ""}`,
          got: `[${shape.join(", ")}]`,
        });
      }
    });
    if (steps === null)
      throw new ValidationError({
        owner,
        parameter: "nSteps",
        expected: "a number of steps where no input Node is fed",
        got: "none",
        fix: "Give nSteps",
      });
    if (nSteps !== null && steps !== nSteps)
      throw new ShapeError({ owner, parameter: "nSteps", expected: `inputs of ${nSteps} steps`, got: `${steps}` });
    return { batch, nSteps: steps };
  }

  /** Frees the weights, and the engine's memory. */
  override dispose(): ReturnType<tfl.layers.Layer["dispose"]> {
    const result = super.dispose();
    if (result.refCountAfterDispose === 0) {
      this.programs.forEach((program) => program.dispose());
      this.carried?.dispose();
    }
    return result;
  }

  override computeOutputShape(inputShape: (number | null)[] | (number | null)[][]): (number | null)[] | (number | null)[][] {
    const first = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as (number | null)[];
    const { nSteps, dt, inputs } = this.definition;
    const steps = nSteps ?? (inputs.length > 0 || first.length >= 2 ? (first[1] ?? null) : null);
    const shapes = this.definition.outputs.map((probe) => {
      const period = probe.sampleEvery === null ? 1 : probe.sampleEvery / dt;
      const size = this.builtNetwork.probes.get(probe)!.shape.reduce((a, b) => a * b, 1);
      return [first[0] ?? null, steps === null ? null : recordedRows(0, steps, period), size];
    });
    return shapes.length === 1 ? shapes[0] : shapes;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const rootSeed = this.builtNetwork.seeds.get(this.definition.network)!;
    return { ...super.getConfig(), stateful: this.stateful, definition: { name: definitionText(this.definition, rootSeed) } };
  }
}
tf.serialization.registerClass(NengoLayer);

function withoutDefinition(args: object): NonNullable<LayerArgs> {
  const { definition: _, ...rest } = args as { definition: unknown };
  return rest;
}

/** Checks the arguments and separates those of tf.layers.Layer. */
function define({ network, inputs, outputs, nSteps, dt, phase, seed, engine, ...rest }: NetworkLayerArgs): {
  rest: NonNullable<LayerArgs>;
  definition: Definition;
  engine: EngineChoice;
} {
  const owner = "NengoLayer";
  if (!(network instanceof Network))
    throw new ValidationError({ owner, parameter: "network", expected: "a Network", got: describe(network) });
  const checkAll = <T extends object>(list: readonly T[], known: readonly T[], parameter: string): readonly T[] =>
    list.map((item, k) => {
      if (!known.includes(item))
        throw new ValidationError({
          owner,
          parameter: `${parameter}[${k}]`,
          expected: `a ${parameter === "inputs" ? "Node" : "Probe"} of the network`,
          got: objectName(item),
        });
      if (list.indexOf(item) !== k)
        throw new ValidationError({ owner, parameter: `${parameter}[${k}]`, expected: "every one once", got: `${objectName(item)} again` });
      return item;
    });
  const definition: Definition = {
    network,
    inputs: checkAll(inputs ?? [], network.allNodes, "inputs"),
    outputs: checkAll(outputs ?? network.allProbes, network.allProbes, "outputs"),
    nSteps: nSteps === undefined ? null : checkInteger(owner, "nSteps", nSteps, { min: 1 }),
    dt: checkNumber(owner, "dt", dt ?? 0.001, { above: 0 }),
    phase: checkChoice(owner, "phase", phase ?? "auto", ["auto", "training", "inference"]),
    seed: checkSeed(owner, seed) ?? (network.seed === null ? drawSeed() : network.seed + 1),
  };
  if (definition.outputs.length === 0)
    throw new ValidationError({
      owner,
      parameter: "outputs",
      expected: "at least one Probe",
      got: "none",
      fix: "Add a probe to the network",
    });
  return { rest, definition, engine: checkChoice(owner, "engine", engine ?? "auto", engineChoices) };
}

/** A whole network as a `tf.layers.Layer`: see {@link NengoLayer}. */
export const network = (args: NetworkLayerArgs): NengoLayer => new NengoLayer(args);
