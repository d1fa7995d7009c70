import type * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import { FunctionTable } from "../json/functions.ts";
import { isTensor } from "../engines/tfjs/tensorNodeCall.ts";
import { configOf } from "./innerLayer.ts";
import { isLayer } from "./tensorNode.ts";
import { fromRegistry } from "./registry.ts";

/** A function of every step by itself: `[rows, ...features]` in, the same shape out. */
export type ActivationFunction = (x: tf.Tensor) => tf.Tensor;
/** What stands for an activation: a name that tfjs knows, one of its activation layers, or a function of tensors. */
export type ActivationLike = string | tfl.layers.Layer | ActivationFunction;
/** An activation in a layer's config: tfjs renames strings in configs, but not under this key. */
export interface SavedActivation {
  readonly name: string;
}

/** An activation made ready for steps of known features. */
export class Activation {
  private readonly owner: string;
  private readonly given: ActivationLike;
  private readonly run: tfl.layers.Layer | ActivationFunction;

  /** @throws ValidationError for names that tfjs does not know and for what is no activation */
  constructor(owner: string, given: ActivationLike | SavedActivation) {
    this.owner = owner;
    this.given = isSaved(given) ? fromText(owner, given.name) : given;
    this.run = typeof this.given === "string" ? named(owner, this.given) : this.given;
    if (typeof this.run !== "function" && !isLayer(this.run)) throw notAnActivation(owner, describe(given));
  }

  /** The layer within, whose weights belong to the outer one; null for a function. */
  get layer(): tfl.layers.Layer | null {
    return typeof this.run === "function" ? null : this.run;
  }

  /** @throws ShapeError for a layer that changes the shape */
  build(features: readonly number[]): void {
    const { layer } = this;
    if (layer === null) return;
    const shape = [null, ...features];
    if (!layer.built) layer.build(shape);
    this.check([layer.computeOutputShape(shape)].flat() as (number | null)[], shape);
  }

  /** @param x - `[rows, ...features]` */
  apply(x: tf.Tensor, training: boolean): tf.Tensor {
    const y: unknown = typeof this.run === "function" ? this.run(x) : [this.run.call(x, training ? { training } : {})].flat()[0];
    if (!isTensor(y)) throw notAnActivation(this.owner, `a function that gives ${describe(y)}`);
    this.check(y.shape, x.shape);
    return y;
  }

  private check(got: readonly (number | null)[], wanted: readonly (number | null)[]): void {
    if (got.length === wanted.length && got.every((n, i) => n === wanted[i])) return;
    const text = (shape: readonly (number | null)[]): string => `[${["rows", ...shape.slice(1)].join(", ")}]`;
    throw new ShapeError({
      owner: this.owner,
      parameter: "activation",
      expected: `an activation that keeps the shape ${text(wanted)}`,
      got: text(got),
    });
  }

  /** @throws ValidationError for a function without a name */
  save(): SavedActivation {
    const { given, owner } = this;
    if (typeof given === "string") return { name: JSON.stringify(given) };
    if (typeof given !== "function") return { name: JSON.stringify(configOf(given)) };
    const name = new FunctionTable(owner).nameOf(given);
    if (name === undefined)
      throw new ValidationError({
        owner,
        parameter: "activation",
        expected: "a function with a name, to be saved",
        got: describe(given),
        fix: "Call nengo.registerFunction(name, function)",
      });
    return { name: JSON.stringify({ function: name }) };
  }
}

const isSaved = (value: unknown): value is SavedActivation =>
  typeof value === "object" && value !== null && !isLayer(value) && typeof (value as SavedActivation).name === "string";

const notAnActivation = (owner: string, got: string): ValidationError =>
  new ValidationError({
    owner,
    parameter: "activation",
    expected: 'an activation\'s name such as "relu", an activation layer, or a function of tensors',
    got,
  });

function named(owner: string, name: string): tfl.layers.Layer {
  try {
    return tfl.layers.activation({ activation: name as "relu" });
  } catch {
    throw notAnActivation(owner, JSON.stringify(name));
  }
}

function fromText(owner: string, text: string): ActivationLike {
  const saved = JSON.parse(text) as string | { function: string } | { className: string; config: tf.serialization.ConfigDict };
  if (typeof saved === "string") return saved;
  if ("function" in saved) {
    const fn = new FunctionTable(owner).find(saved.function);
    if (fn === undefined)
      throw new ValidationError({
        owner,
        parameter: "activation",
        expected: `a registered function ${JSON.stringify(saved.function)}`,
        got: "none",
        fix: `Call nengo.registerFunction(${JSON.stringify(saved.function)}, function) before loading`,
      });
    return fn as ActivationFunction;
  }
  const layer = fromRegistry(saved.className, saved.config);
  if (layer === undefined)
    throw new ValidationError({
      owner,
      parameter: "activation",
      expected: `a registered layer class ${saved.className}`,
      got: "none",
      fix: "Load its code, or call tf.serialization.registerClass, before loading",
    });
  return layer as tfl.layers.Layer;
}
