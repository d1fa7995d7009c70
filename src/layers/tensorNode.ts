import * as tf from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import { checkInteger } from "../declared.ts";
import { ValidationError, describe } from "../errors.ts";
import { sizeOf } from "../math/ndarray.ts";
import { isTensor, type TensorCall, type TensorFunction } from "../engines/tfjs/tensorNodeCall.ts";
import { Node, type Network, type NodeKind } from "../network/index.ts";

/** Options of {@link tensorNode}. */
export interface TensorNodeOptions {
  /** Shape of one item's input; `[]` or left out: no input. */
  readonly shapeIn?: readonly number[];
  /** Shape of one item's output; found by a call on zeros where left out. */
  readonly shapeOut?: readonly number[];
  readonly label?: string;
}

/** A Node that computes with tensors; differentiable, and its layer's weights train with the network. */
export class TensorNode extends Node implements TensorCall {
  readonly tensorFunction: TensorFunction | layers.Layer;
  readonly shapeIn: readonly number[];
  readonly shapeOut: readonly number[];

  private constructor(
    network: Network,
    tensorFunction: TensorFunction | layers.Layer,
    shapeIn: readonly number[],
    shapeOut: readonly number[],
    label: string | null,
  ) {
    super(network, null, { sizeIn: shapeIn.length === 0 ? 0 : sizeOf(shapeIn), sizeOut: sizeOf(shapeOut) }, label);
    this.tensorFunction = tensorFunction;
    this.shapeIn = shapeIn;
    this.shapeOut = shapeOut;
  }

  /** @throws ValidationError where the function is none, or its output has no fixed shape `[batch, ...]`. */
  static create(
    network: Network,
    tensorFunction: TensorFunction | layers.Layer,
    { shapeIn = [], shapeOut, label }: TensorNodeOptions = {},
  ): TensorNode {
    const owner = label === undefined ? "TensorNode" : `TensorNode ${JSON.stringify(label)}`;
    if (typeof tensorFunction !== "function" && !isLayer(tensorFunction)) {
      throw new ValidationError({ owner, expected: "a function (t, x) => tensor or a tf.layers.Layer", got: describe(tensorFunction) });
    }
    const check = (shape: readonly number[], parameter: string): readonly number[] =>
      shape.map((n, i) => checkInteger(owner, `${parameter}[${i}]`, n, { min: 1 }));
    const [sizesIn, sizesOut] = [
      check(shapeIn, "shapeIn"),
      shapeOut === undefined ? inferShape(tensorFunction, shapeIn, owner) : check(shapeOut, "shapeOut"),
    ];
    const node = new TensorNode(network, tensorFunction, sizesIn, sizesOut, label ?? null);
    network.add(node);
    return node;
  }

  override get kind(): NodeKind {
    return "tensor";
  }
}

/** Whether something is a layer of tf.layers (of whichever copy). */
export const isLayer = (value: unknown): value is layers.Layer =>
  typeof value === "object" && value !== null && "apply" in value && "call" in value && "computeOutputShape" in value;

/** Shape of the output for one item, from a call on zeros. */
function inferShape(fn: TensorFunction | layers.Layer, shapeIn: readonly number[], owner: string): readonly number[] {
  let shape: readonly number[] = [];
  tf.tidy(() => {
    // Two items, so that a function that mixes them up is noticed.
    const x = tf.zeros([2, ...shapeIn]);
    const t = tf.zeros([2, ...Array.from({ length: Math.max(0, x.rank - 1) }, () => 1)]);
    let y: unknown;
    try {
      y = typeof fn === "function" ? fn(t, x) : fn.apply(x);
    } catch (error) {
      const parts = {
        owner,
        parameter: "tensorFunction",
        expected: `a function of tensors of shape [batch${shapeIn.map((n) => `, ${n}`).join("")}]`,
        got: `the error ${error instanceof Error ? error.message : String(error)}`,
      };
      throw new ValidationError({ ...parts, fix: "Mend it, or give shapeOut" });
    }
    if (!isTensor(y) || y.shape[0] !== 2) {
      throw new ValidationError({
        owner,
        parameter: "tensorFunction",
        expected: "a tensor [batch, ...] with one row an item",
        got: isTensor(y) ? `shape [${y.shape.join(", ")}] for a batch of 2` : describe(y),
      });
    }
    shape = y.rank === 1 ? [1] : y.shape.slice(1);
  });
  return shape;
}

/** Adds a tensor node: a function of (t, x) on tensors, or a tf layer. x is `[batch, ...shapeIn]`; t (s) broadcasts against it. */
export const tensorNode = (network: Network, tensorFunction: TensorFunction | layers.Layer, options?: TensorNodeOptions): TensorNode =>
  TensorNode.create(network, tensorFunction, options);
