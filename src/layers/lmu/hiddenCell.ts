import type * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { ValidationError, describe } from "../../errors.ts";
import * as expr from "../../expr/index.ts";
import { isLayer } from "../tensorNode.ts";
import type { Shape } from "../temporalLayer.ts";
import { fromRegistry } from "../registry.ts";

type Layer = tfl.layers.Layer;
export type RNNCell = InstanceType<typeof tfl.layers.RNNCell>;

/** A layer's class and config, as text can hold it. */
export interface LayerText {
  readonly className: string;
  readonly config: tf.serialization.ConfigDict;
}

/** What a cell of one product, a recurrent product or none, and an elementwise activation is made of; it can run fused. */
export interface SimpleCell {
  readonly units: number;
  readonly kernel: tfl.LayerVariable;
  readonly recurrentKernel: tfl.LayerVariable | null;
  readonly bias: tfl.LayerVariable | null;
  /** Of the input `x`. */
  readonly activation: expr.Expr;
  readonly applyActivation: (x: tf.Tensor) => tf.Tensor;
}

const x = expr.input("x");
const ACTIVATIONS: Readonly<Record<string, expr.Expr>> = {
  linear: x,
  tanh: expr.tanh(x),
  sigmoid: expr.sigmoid(x),
  relu: expr.select(expr.gt(x, 0), x, 0),
  hardSigmoid: expr.min(expr.max(expr.add(expr.mul(x, 0.2), 0.5), 0), 1),
  softsign: expr.div(x, expr.add(expr.abs(x), 1)),
};

/** What follows the memory in a step: an RNN cell of tfjs, a feed-forward layer (whose output is then the state), or nothing. */
export class HiddenCell {
  readonly layer: Layer | null;
  private readonly owner: string;
  private inputSize = 0;

  /** @throws ValidationError for anything but a layer, an RNN cell or null */
  constructor(owner: string, layer: unknown) {
    this.owner = owner;
    if (layer !== null && !isLayer(layer))
      throw new ValidationError({
        owner,
        parameter: "hiddenCell",
        expected: "an RNN cell of tfjs, a feed-forward layer, or null",
        got: describe(layer),
        fix: "Write e.g. tf.layers.simpleRNNCell({units: 10}), or null for the memory itself",
      });
    if (layer instanceof tfl.RNN)
      throw new ValidationError({
        owner,
        parameter: "hiddenCell",
        expected: "a cell, which does one step",
        got: `the layer ${layer.getClassName()}, which does all`,
        fix: "Write e.g. tf.layers.lstmCell in place of tf.layers.lstm",
      });
    this.layer = layer;
  }

  static fromText(owner: string, text: LayerText | null): HiddenCell {
    if (text === null) return new HiddenCell(owner, null);
    const layer = fromRegistry(text.className, text.config);
    if (layer === undefined)
      throw new ValidationError({
        owner,
        parameter: "hiddenCell",
        expected: "a registered class",
        got: text.className,
        fix: "Register it by tf.serialization.registerClass before loading",
      });
    return new HiddenCell(owner, layer);
  }

  toText(): LayerText | null {
    return this.layer === null ? null : { className: this.layer.getClassName(), config: this.layer.getConfig() };
  }

  /** The layer as an RNN cell, where it is one. */
  get cell(): RNNCell | null {
    return this.layer !== null && "stateSize" in this.layer ? (this.layer as RNNCell) : null;
  }

  /** Sizes of the states for inputs of a size. @throws ValidationError where the layer's output is no row of known size */
  stateSizes(inputSize: number): number[] {
    if (this.layer === null) return [];
    if (this.cell !== null) return [this.cell.stateSize].flat();
    const shape = this.layer.computeOutputShape([null, inputSize]) as Shape;
    if (shape.length !== 2 || typeof shape[1] !== "number")
      throw new ValidationError({
        owner: this.owner,
        parameter: "hiddenCell",
        expected: "a layer whose output is [batch, units]",
        got: `[${shape.map((n) => n ?? "?").join(", ")}]`,
      });
    return [shape[1]];
  }

  outputSize(inputSize: number): number {
    return this.layer === null ? inputSize : this.stateSizes(inputSize)[0];
  }

  build(inputSize: number): void {
    this.inputSize = inputSize;
    if (this.layer === null || this.layer.built) return;
    this.layer.build([null, inputSize]);
    this.layer.built = true;
  }

  /** One step: the output, and the states after it. */
  step(input: tf.Tensor2D, states: readonly tf.Tensor2D[], training: boolean): { output: tf.Tensor2D; states: tf.Tensor2D[] } {
    const kwargs = training ? { training } : {};
    if (this.layer === null) return { output: input, states: [] };
    if (this.cell === null) {
      const output = this.layer.call(input, kwargs) as tf.Tensor2D;
      return { output, states: [output] };
    }
    const [output, ...after] = this.cell.call([input, ...states], kwargs) as tf.Tensor2D[];
    return { output, states: after };
  }

  /** A new sequence: tfjs's cells draw what they drop once for all steps. */
  forgetDropout(): void {
    if (this.cell === null) return;
    const masks = this.cell as unknown as Record<string, tf.Tensor | tf.Tensor[] | null | undefined>;
    for (const name of ["dropoutMask", "recurrentDropoutMask"]) {
      const mask = masks[name];
      if (mask === undefined || mask === null) continue;
      [mask].flat().forEach((t) => t.dispose());
      masks[name] = null;
    }
  }

  /** The cell's parts where it can run fused. */
  get simple(): SimpleCell | null {
    if (this.layer === null || this.inputSize === 0) return null;
    const className = this.layer.getClassName();
    if (className !== "SimpleRNNCell" && className !== "Dense") return null;
    const { activation, dropout, recurrentDropout } = this.layer.getConfig() as Record<string, unknown>;
    const expression = ACTIVATIONS[activation as string];
    if (expression === undefined || (dropout ?? 0) !== 0 || (recurrentDropout ?? 0) !== 0) return null;
    const parts = this.layer as unknown as {
      units: number;
      kernel: tfl.LayerVariable;
      recurrentKernel?: tfl.LayerVariable;
      bias: tfl.LayerVariable | null;
      activation: { apply(x: tf.Tensor): tf.Tensor } | null;
    };
    return {
      units: parts.units,
      kernel: parts.kernel,
      recurrentKernel: parts.recurrentKernel ?? null,
      bias: parts.bias,
      activation: expression,
      applyActivation: (t) => parts.activation?.apply(t) ?? t,
    };
  }
}
