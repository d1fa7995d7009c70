import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { ShapeError } from "../../errors.ts";
import { RandomState } from "../../math/random.ts";
import { drawSeed } from "../entropy.ts";
import type { LayerArgs, Shape } from "../temporalLayer.ts";
import { MemoryDefinition, type MemoryArgs, type Saved } from "./memoryArgs.ts";
import { memoryMatrices } from "./memoryMatrices.ts";
import { constantMatrices, TrainedMatrices, type MemoryTensors } from "./memoryTensors.ts";

/** Arguments of {@link LMUCell}. */
export interface LMUCellArgs extends LayerArgs, MemoryArgs {}

/** Factors of what is dropped in a sequence, null where nothing is: `[batch, inputD + hidden]` and `[batch, memoryD * order]`. */
export interface Dropped {
  readonly input: tf.Tensor2D | null;
  readonly memory: tf.Tensor2D | null;
}

/**
 * One step of a Legendre memory unit, for `tf.layers.rnn({cell})`. Inputs of `call` are `[x, ...hidden states, memory]`, outputs
 * `[output, ...hidden states, memory]`; the memory is `[batch, memoryD * order]`. Without a hidden cell and with `inputToHidden` the output
 * is a state before the memory. Where cells of tfjs keep what they drop for a
 * sequence, this one drops anew at every step; {@link LMU} keeps it.
 * Source: Voelker, Kajić & Eliasmith, Legendre Memory Units (2019).
 * @throws ValidationError for bad arguments; ShapeError for inputs of another size than said
 */
export class LMUCell extends tfl.layers.RNNCell {
  static className = "NengoLMUCell";
  readonly definition: MemoryDefinition;
  private inputSize = 0;
  private kernel: tfl.LayerVariable | null = null;
  private bias: tfl.LayerVariable | null = null;
  private recurrentKernel: tfl.LayerVariable | null = null;
  private logTheta: tfl.LayerVariable | null = null;
  private constants: MemoryTensors | null = null;
  private readonly trained: TrainedMatrices;
  private rng: RandomState | null = null;

  constructor(args: LMUCellArgs | (LayerArgs & Saved), definition?: MemoryDefinition) {
    const owner = `NengoLMUCell${typeof args?.name === "string" ? ` ${JSON.stringify(args.name)}` : ""}`;
    const made = definition === undefined ? MemoryDefinition.from(owner, args) : { definition, rest: args };
    super(made.rest);
    this.definition = made.definition;
    this.trained = new TrainedMatrices(made.definition.order, made.definition.discretizer);
  }

  /**
   * Memory last, other than in KerasLMU and {@link LMU}, for tfjs takes the first state's size for that of the output. Before the cell is built, a layer's size is
   * asked for with the memory alone as its input.
   */
  get stateSize(): number[] {
    const [memory, ...hidden] = this.definition.stateSizes(this.inputSize);
    return [...this.outputState(), ...hidden, memory];
  }

  /** Where the output is no state, because it is the memory and the input, it is made one. */
  private outputState(): number[] {
    const { hidden, inputToHidden } = this.definition;
    return hidden.layer === null && inputToHidden ? [this.definition.hiddenInput(this.inputSize)] : [];
  }

  /** Makes the weights: the memory's, then those of the hidden cell. */
  override build(inputShape: Shape | Shape[]): void {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    const size = shape[shape.length - 1];
    const { definition } = this;
    const { memoryD, order, hidden, inputD } = definition;
    const owner = `NengoLMUCell ${JSON.stringify(this.name)}`;
    if (size === null || (inputD !== null && size !== inputD))
      throw new ShapeError({ owner, parameter: "inputD", expected: `${inputD ?? "a known size of the input"}`, got: `${size}` });
    if (!definition.hasKernel && size !== memoryD)
      throw new ShapeError({
        owner,
        expected: `an input of memoryD ${memoryD} where there is no kernel`,
        got: `${size}`,
        fix: "Give a kernelInitializer, or an input of that size",
      });
    this.inputSize = size;
    const [, ...hiddenSizes] = definition.stateSizes(size);
    const weight = (name: string, of: "kernel" | "bias" | "recurrent", shape: number[]): tfl.LayerVariable =>
      // The cell's name keeps its weights apart from those of the hidden cell, which tfjs may give the same names.
      this.addWeight(`${this.name}/${name}`, shape, "float32", definition.initializer(of), definition.regularizer(of), true);
    if (definition.hasKernel) {
      const rows = size + (definition.hiddenToMemory ? hiddenSizes[0] : 0);
      this.kernel = weight("kernel", "kernel", [rows, memoryD]);
    }
    if (definition.useBias) this.bias = weight("bias", "bias", [memoryD]);
    if (definition.memoryToMemory) this.recurrentKernel = weight("recurrent_kernel", "recurrent", [memoryD * order, memoryD]);
    if (definition.trainableTheta) {
      const initial = tfl.initializers.constant({ value: Math.log(definition.theta) });
      this.logTheta = this.addWeight(`${this.name}/log_theta`, [], "float32", initial);
    }
    const own = this as unknown as { _trainableWeights: tfl.LayerVariable[] };
    const [first] = own._trainableWeights;
    if (first !== undefined) {
      // tf.layers.rnn disposes of its cell's weights, not of its cell: the constant matrices go with a weight.
      const dispose = first.dispose.bind(first);
      first.dispose = () => {
        dispose();
        this.release();
      };
    }
    hidden.build(definition.hiddenInput(size));
    if (hidden.layer !== null) this.addLoss(hidden.layer.losses);
    super.build(inputShape);
  }

  /** Of the memory, then of the hidden cell. */
  override get trainableWeights(): tfl.LayerVariable[] {
    return this.trainable ? [...super.trainableWeights, ...(this.definition.hidden.layer?.trainableWeights ?? [])] : [];
  }
  override set trainableWeights(weights: tfl.LayerVariable[]) {
    super.trainableWeights = weights;
  }
  /** Those of the hidden cell; all, where the cell does not train. */
  override get nonTrainableWeights(): tfl.LayerVariable[] {
    const { layer } = this.definition.hidden;
    return [...super.nonTrainableWeights, ...((this.trainable ? layer?.nonTrainableWeights : layer?.weights) ?? [])];
  }
  override set nonTrainableWeights(weights: tfl.LayerVariable[]) {
    super.nonTrainableWeights = weights;
  }

  /** For loading: weights are not initialised. */
  override setFastWeightInitDuringBuild(value: boolean): void {
    super.setFastWeightInitDuringBuild(value);
    this.definition.hidden.layer?.setFastWeightInitDuringBuild(value);
  }

  /** Weights as tensors, null where there is none. */
  get tensors() {
    const read = (variable: tfl.LayerVariable | null): tf.Tensor | null => variable?.read() ?? null;
    return {
      kernel: read(this.kernel) as tf.Tensor2D | null,
      bias: read(this.bias) as tf.Tensor1D | null,
      recurrentKernel: read(this.recurrentKernel) as tf.Tensor2D | null,
    };
  }

  /** The present theta, in steps. */
  get theta(): number {
    return this.logTheta === null ? this.definition.theta : Math.exp(tf.tidy(() => this.logTheta!.read().dataSync()[0]));
  }

  /** The memory's matrices; those of a constant theta are kept. */
  matrices(): MemoryTensors {
    const { order, theta, discretizer } = this.definition;
    if (this.logTheta !== null) return this.trained.at(this.logTheta.read() as tf.Scalar);
    if (this.constants === null) {
      const { A, B } = tf.tidy(() => constantMatrices(memoryMatrices(order, theta, discretizer)));
      this.constants = { A: tf.keep(A), B: tf.keep(B) };
    }
    return this.constants;
  }

  /** Draws what a sequence drops; nothing out of training. */
  draw(batch: number, training: boolean): Dropped {
    const { dropout, recurrentDropout, hiddenToMemory, memoryToMemory, memorySize, seed } = this.definition;
    if (!training) return { input: null, memory: null };
    const factors = (rate: number, size: number): tf.Tensor2D | null => {
      if (rate === 0) return null;
      this.rng ??= new RandomState(seed ?? drawSeed());
      return tf.tensor2d(
        Float32Array.from(this.rng.uniforms(batch * size), (v) => (v < rate ? 0 : 1 / (1 - rate))),
        [batch, size],
      );
    };
    const inputs = this.inputSize + (hiddenToMemory ? this.stateSize[0] : 0);
    return { input: factors(dropout, inputs), memory: memoryToMemory ? factors(recurrentDropout, memorySize) : null };
  }

  /** One step. */
  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor | tf.Tensor[] {
    const training = kwargs["training"] === true;
    return tf.tidy(() => {
      const [x, ...states] = inputs as tf.Tensor2D[];
      const named = this.outputState().length;
      const shared = { matrices: this.matrices(), dropped: this.draw(x.shape[0], training), training };
      const [output, memory, ...hidden] = this.step(x, states.at(-1)!, states.slice(named, -1), shared);
      return [output, ...(named > 0 ? [output] : []), ...hidden, memory];
    });
  }

  /** One step, with what is the same at all steps: output, memory, hidden states. */
  step(
    x: tf.Tensor2D,
    memory: tf.Tensor2D,
    states: readonly tf.Tensor2D[],
    { matrices, dropped, training }: { readonly matrices: MemoryTensors; readonly dropped: Dropped; readonly training: boolean },
  ): tf.Tensor2D[] {
    const { definition } = this;
    const { memoryD, order, memorySize, hidden } = definition;
    const { kernel, bias, recurrentKernel } = this.tensors;
    const [batch] = x.shape;
    const given = definition.hiddenToMemory ? tf.concat([x, states[0]], 1) : x;
    const kept = dropped.input === null ? given : tf.mul<tf.Tensor2D>(given, dropped.input);
    let u: tf.Tensor2D = kernel === null ? kept : tf.matMul(kept, kernel);
    if (bias !== null) u = tf.add<tf.Tensor2D>(u, bias);
    if (recurrentKernel !== null)
      u = tf.add<tf.Tensor2D>(u, tf.matMul(dropped.memory === null ? memory : tf.mul(memory, dropped.memory), recurrentKernel));
    const before = tf.reshape<tf.Rank.R2>(memory, [batch * memoryD, order]);
    const driven = tf.matMul(tf.reshape<tf.Rank.R2>(u, [batch * memoryD, 1]), matrices.B);
    const after = tf.reshape<tf.Rank.R2>(tf.add(tf.matMul(before, matrices.A), driven), [batch, memorySize]);
    const { output, states: next } = hidden.step(definition.inputToHidden ? tf.concat([after, x], 1) : after, states, training);
    return [output, after, ...next];
  }

  /** Frees what was kept between calls. */
  release(): void {
    if (this.constants === null) return;
    tf.dispose([this.constants.A, this.constants.B]);
    this.constants = null;
  }

  /** Frees the weights, and what was kept between calls. */
  override dispose(): ReturnType<tfl.layers.Layer["dispose"]> {
    const result = super.dispose();
    if (result.refCountAfterDispose === 0) this.release();
    return result;
  }

  /** The arguments as text, since tfjs changes the case of keys and strings. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.definition.toConfig() };
  }
}
tf.serialization.registerClass(LMUCell);

/** A cell for `tf.layers.rnn({cell})`: a Legendre memory and what follows it. */
export const lmuCell = (args: LMUCellArgs): LMUCell => new LMUCell(args);
