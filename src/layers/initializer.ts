import * as tf from "@tensorflow/tfjs-core";
import type { initializers } from "@tensorflow/tfjs-layers";
import { ValidationError, describe } from "../errors.ts";
import { fromRegistry } from "./registry.ts";

export type Initializer = ReturnType<typeof initializers.zeros>;
/** A number for all values, or an initializer of tf.initializers (or its config, as in a saved model). */
export type InitializerLike = number | Initializer | { className: string; config: tf.serialization.ConfigDict };

/** Where initial values of a weight come from: read from arguments, drawn, and written to a config. */
export class InitialValues {
  private readonly source: number | Initializer;

  /** @throws ValidationError for anything but a finite number or an initializer */
  constructor(owner: string, parameter: string, given: unknown) {
    const made = isConfig(given)
      ? (fromRegistry(given.className, given.config) ?? `an initializer of unknown class ${given.className}`)
      : given;
    if (!(typeof made === "number" && Number.isFinite(made)) && !isInitializer(made))
      throw new ValidationError({
        owner,
        parameter,
        expected: "a finite number or an initializer of tf.initializers",
        got: describe(given),
      });
    this.source = made;
  }

  /** The number that all values are, if they are one. */
  get number(): number | null {
    return typeof this.source === "number" ? this.source : null;
  }

  draw(shape: readonly number[]): Float32Array {
    const { source } = this;
    if (typeof source === "number") return new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(source);
    return tf.tidy(() => source.apply([...shape], "float32").dataSync<"float32">());
  }

  /** For a config: a number, or `{className, config}`. */
  toJSON(): number | { className: string; config: tf.serialization.ConfigDict } {
    const { source } = this;
    return typeof source === "number" ? source : { className: source.getClassName(), config: source.getConfig() };
  }
}

const isInitializer = (value: unknown): value is Initializer =>
  typeof value === "object" && value !== null && "apply" in value && "getClassName" in value;

const isConfig = (value: unknown): value is { className: string; config: tf.serialization.ConfigDict } =>
  typeof value === "object" && value !== null && "className" in value && "config" in value;
