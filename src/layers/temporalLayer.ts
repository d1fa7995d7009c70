import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { checkBoolean, checkNumber, checkSeed } from "../declared.ts";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import { sizeOf } from "../math/ndarray.ts";
import { RandomState } from "../math/random.ts";
import { drawSeed } from "./entropy.ts";
import { refuseMask } from "./refuseMask.ts";

export type LayerArgs = NonNullable<ConstructorParameters<typeof tfl.layers.Layer>[0]>;
export type Shape = (number | null)[];
type ApplyTypes = Parameters<tfl.layers.Layer["apply"]>;

/** Arguments that every layer over time takes. */
export interface TemporalArgs extends LayerArgs {
  /** Seconds of a step. @defaultValue 0.001 */
  dt?: number;
  /** Seed of initial states and noise: the same at every call. Without one they are drawn anew at every call. @defaultValue none */
  seed?: number | null;
  /** Whether the output has all steps, `[batch, steps, ...]`, or only the last, `[batch, ...]`. @defaultValue true */
  returnSequences?: boolean;
  /** Whether the states after the last step, `[batch, ...]` each, are outputs too. @defaultValue false */
  returnState?: boolean;
  /** Whether the next call goes on from the states of this one; `resetStates()` begins anew. @defaultValue false */
  stateful?: boolean;
  /** Whether the steps run from the last to the first, the output in that order too, as tfjs's `bidirectional` needs it. @defaultValue false */
  goBackwards?: boolean;
}

/** What goes on in a call. */
export interface TemporalCall {
  /** `[batch, steps, units]`, float32, in the order in which they run; feature axes are one. */
  readonly x: tf.Tensor3D;
  /** States before the first step, `[batch, size]` each. */
  readonly states: readonly tf.Tensor2D[];
  readonly batch: number;
  readonly nSteps: number;
  /** Steps that earlier calls of a stateful layer did. */
  readonly step: number;
  readonly training: boolean;
  /** Whether the states are the layer's initial ones, neither given nor carried from an earlier call. */
  readonly fresh: boolean;
}

export interface TemporalResult {
  /** `[batch, steps, outputUnits]`; with `returnSequences` false the last step is enough. */
  readonly output: tf.Tensor3D;
  /** States after the last step, `[batch, size]` each. */
  readonly states: readonly tf.Tensor2D[];
}

/** A state of a layer, one value for each of its places and items. */
export interface StateSpec {
  readonly name: string;
  /** Shape of one item, without the batch. */
  readonly shape: readonly number[];
}

/** What tf.layers.Layer takes. */
const layerKeys = [
  "name",
  "trainable",
  "inputShape",
  "batchInputShape",
  "batchSize",
  "dtype",
  "inputDType",
  "weights",
  "updatable",
  // Of tfjs, when it loads a model.
  "customObjects",
  "fastWeightInit",
] as const;

/** @throws ValidationError for an argument that neither the layer nor tf.layers.Layer takes */
function checkKeys(owner: string, rest: object): void {
  const unknown = Object.keys(rest).find((key) => !(layerKeys as readonly string[]).includes(key));
  if (unknown === undefined) return;
  throw new ValidationError({
    owner,
    parameter: unknown,
    expected: "an argument of this layer",
    got: describe(unknown),
    fix: "Remove or rename it",
  });
}

/**
 * A layer whose input is `[batch, steps, ...features]`. What a subclass says is its states, their start, and how all steps run; shapes,
 * states given as further inputs or returned as further outputs, stateful calls, seeds and messages are the same for all.
 */
export abstract class TemporalLayer extends tfl.layers.Layer {
  readonly seed: number | null;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  private seconds: number;
  /** Shape of a step of the input; known once the layer is built. */
  protected featureShape: readonly number[] = [];
  private carried: { readonly states: readonly tf.Tensor2D[]; readonly batch: number; readonly step: number } | null = null;
  private entropy: RandomState | null = null;
  private kept: { readonly batch: number; readonly values: readonly Float32Array[] } | null = null;

  constructor(args: TemporalArgs = {}) {
    const { dt = 0.001, seed = null, returnSequences = true, returnState = false, stateful = false, goBackwards = false, ...rest } = args;
    super(rest);
    checkKeys(this.owner, rest);
    this.seconds = checkNumber(this.owner, "dt", dt, { above: 0 });
    this.seed = checkSeed(this.owner, seed);
    this.returnSequences = checkBoolean(this.owner, "returnSequences", returnSequences);
    this.returnState = checkBoolean(this.owner, "returnState", returnState);
    this.goBackwards = checkBoolean(this.owner, "goBackwards", goBackwards);
    (this as unknown as { _stateful: boolean })._stateful = checkBoolean(this.owner, "stateful", stateful);
  }

  /** States in the order in which they are given and returned. */
  protected abstract stateSpecs(): readonly StateSpec[];
  /** Runs all steps; within a `tf.tidy`. */
  protected abstract steps(call: TemporalCall): TemporalResult;
  /** Shape of a step of the output. */
  protected outputFeatures(features: readonly number[]): readonly number[] {
    return features;
  }
  /**
   * Values of the states before the first step for `batch` items, `[batch, size]` each, item by item from the generator, so that an
   * item's start does not depend on how many follow it. Zeros where a layer does not say.
   */
  protected initialValues(batch: number, _rng: RandomState): readonly Float32Array[] {
    return this.stateSpecs().map(({ shape }) => new Float32Array(batch * sizeOf(shape)));
  }
  /** As {@link initialValues} where the start depends on weights. */
  protected initialStates(batch: number): readonly tf.Tensor2D[] {
    if (this.kept?.batch !== batch || this.seed === null) {
      const rng = this.seed === null ? (this.entropy ??= new RandomState(drawSeed())) : new RandomState(this.seed);
      this.kept = { batch, values: this.initialValues(batch, rng) };
    }
    return this.stateSpecs().map(({ shape }, k) => tf.tensor2d(this.kept!.values[k], [batch, sizeOf(shape)]));
  }

  /** The layer in messages. */
  protected get owner(): string {
    const { className } = this.constructor as unknown as { className: string };
    return `${className}${this.name === undefined ? "" : ` ${JSON.stringify(this.name)}`}`;
  }

  /** Seconds of a step; may be set between calls (by a schedule). */
  get dt(): number {
    return this.seconds;
  }
  set dt(value: number) {
    this.seconds = checkNumber(this.owner, "dt", value, { above: 0 });
  }

  /** Values of a step of the input. */
  protected get units(): number {
    return sizeOf(this.featureShape);
  }

  override build(inputShape: Shape | Shape[]): void {
    this.featureShape = this.featuresOf(inputShape);
    super.build(inputShape);
  }

  /** @throws ShapeError for a wrong rank or features of unknown size */
  private featuresOf(inputShape: Shape | Shape[]): number[] {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    const features = shape.slice(2);
    if (shape.length < 3 || features.some((n) => n === null))
      throw new ShapeError({
        owner: this.owner,
        expected: "an input [batch, steps, ...features] with known features",
        got: `[${shape.map((n) => n ?? "?").join(", ")}]`,
        ...(shape.length === 2 ? { fix: "Give every item its steps, e.g. by nengo.layers.repeat({steps})" } : {}),
      });
    return features as number[];
  }

  /** As of any layer; `initialState`, as recurrent layers of tfjs take it, stands for further inputs. */
  override apply(inputs: ApplyTypes[0], kwargs: ApplyTypes[1] = {}): ReturnType<tfl.layers.Layer["apply"]> {
    const { initialState, ...others } = kwargs as { initialState?: tf.Tensor | tf.Tensor[] };
    return super.apply(initialState === undefined ? inputs : ([inputs, initialState].flat() as tf.Tensor[]), others);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor | tf.Tensor[] {
    // Bidirectional hands states on in kwargs.
    const [input, ...given] = [inputs, (kwargs["initialState"] ?? []) as tf.Tensor | tf.Tensor[]].flat();
    refuseMask(this.owner, kwargs, {
      expected: "no mask, since every step counts for a state over time",
      fix: "Leave Masking and maskZero out, and pad with what the network should see",
    });
    this.checkInput(input);
    const [batch, nSteps] = input.shape as [number, number];
    const specs = this.stateSpecs();
    let kept: tf.Tensor2D[] | null = null;
    const outputs = tf.tidy(() => {
      const forwards = tf.reshape<tf.Rank.R3>(tf.cast(input, "float32"), [batch, nSteps, this.units]);
      const x = this.goBackwards ? tf.reverse(forwards, 1) : forwards;
      const states = this.statesFor(given, specs, batch);
      const step = this.stateful && this.carried !== null ? this.carried.step : 0;
      const fresh = given.length === 0 && (!this.stateful || this.carried === null);
      const result = this.steps({ x, states, batch, nSteps, step, training: kwargs["training"] === true, fresh });
      const features = this.outputFeatures(this.featureShape);
      const last = this.returnSequences ? result.output : tf.slice(result.output, [0, result.output.shape[1] - 1, 0], [batch, 1, -1]);
      const y = tf.reshape(last, [batch, ...(this.returnSequences ? [nSteps] : []), ...features]);
      if (this.stateful) kept = result.states.map((s) => tf.keep(tf.clone(s)));
      return [y, ...(this.returnState ? result.states.map((s, k) => tf.reshape(s, [batch, ...specs[k].shape])) : [])];
    });
    if (kept !== null) {
      const step = (this.carried?.step ?? 0) + nSteps;
      this.forget();
      this.carried = { states: kept, batch, step };
    }
    return outputs.length === 1 ? outputs[0] : outputs;
  }

  private checkInput({ shape }: tf.Tensor): void {
    const features = shape.slice(2);
    if (shape.length < 3 || features.length !== this.featureShape.length || features.some((n, i) => n !== this.featureShape[i]))
      throw new ShapeError({
        owner: this.owner,
        expected: `an input [batch, steps, ${this.featureShape.join(", ")}]`,
        got: `[${shape.join(", ")}]`,
      });
    if (shape[1] === 0) throw new ShapeError({ owner: this.owner, expected: "at least one step", got: `[${shape.join(", ")}]` });
  }

  /** Given, carried or initial states. */
  private statesFor(given: readonly tf.Tensor[], specs: readonly StateSpec[], batch: number): readonly tf.Tensor2D[] {
    if (given.length > 0) {
      if (given.length !== specs.length)
        throw new ShapeError({
          owner: this.owner,
          parameter: "initial states",
          expected: `${specs.length} (${specs.map((s) => s.name).join(", ")})`,
          got: `${given.length}`,
        });
      return given.map((state, k) => {
        const { name, shape } = specs[k];
        if (state.shape.length !== shape.length + 1 || state.shape[0] !== batch || shape.some((n, i) => state.shape[i + 1] !== n))
          throw new ShapeError({
            owner: this.owner,
            parameter: name,
            expected: `[${[batch, ...shape].join(", ")}]`,
            got: `[${state.shape.join(", ")}]`,
          });
        return tf.reshape(tf.cast(state, "float32"), [batch, sizeOf(shape)]);
      });
    }
    if (!this.stateful || this.carried === null) return this.initialStates(batch);
    if (this.carried.batch !== batch)
      throw new ShapeError({
        owner: this.owner,
        expected: `${this.carried.batch} items, as in the call before (the layer is stateful)`,
        got: `${batch}`,
        fix: "Call resetStates() between batches of different sizes",
      });
    return this.carried.states;
  }

  /** The next call of a stateful layer begins anew. */
  override resetStates(): void {
    if (!this.stateful)
      throw new ValidationError({ owner: this.owner, expected: "a stateful layer", got: "one that is not", fix: "Give stateful: true" });
    this.forget();
  }

  private forget(): void {
    this.carried?.states.forEach((s) => s.dispose());
    this.carried = null;
  }

  override dispose(): ReturnType<tfl.layers.Layer["dispose"]> {
    const result = super.dispose();
    if (result.refCountAfterDispose === 0) this.forget();
    return result;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    const features = this.featuresOf(shape);
    const output: Shape = [shape[0], ...(this.returnSequences ? [shape[1]] : []), ...this.outputFeatures(features)];
    if (!this.returnState) return output;
    // States may depend on the input's features, which a call of build would set.
    const before = this.featureShape;
    this.featureShape = features;
    const states = this.stateSpecs().map((s): Shape => [shape[0], ...s.shape]);
    this.featureShape = before;
    return [output, ...states];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { dt, seed, returnSequences, returnState, stateful, goBackwards } = this;
    return { ...super.getConfig(), dt, seed, returnSequences, returnState, stateful, goBackwards };
  }
}
