import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { checkBoolean, checkInteger } from "../declared.ts";
import { samples } from "../distributions/distribution.ts";
import { blockOf } from "../engines/blocks.ts";
import { Scan } from "../engines/tfjs/scan.ts";
import { makeStreams, type Streams } from "../engines/streams.ts";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import type { Program } from "../ir/program.ts";
import type { RandomState } from "../math/random.ts";
import { HostNeuronType } from "../neurons/hostNeuronType.ts";
import { NeuronType, type Phase } from "../neurons/neuronType.ts";
import { asSurrogate, type SurrogateLike } from "../neurons/surrogates/asSurrogate.ts";
import type { Surrogate } from "../neurons/surrogates/surrogate.ts";
import { declaredText, fromDeclaredText, isDeclaredText, type DeclaredText } from "./declaredText.ts";
import { drawSeed } from "./entropy.ts";
import { InitialValues, type InitializerLike } from "./initializer.ts";
import { chainOf, FED, RECORDED, spikingProgram, type ThroughState } from "./neurons/spikingProgram.ts";
import { TemporalLayer, type Shape, type StateSpec, type TemporalArgs, type TemporalCall, type TemporalResult } from "./temporalLayer.ts";

/** Arguments of {@link Spiking}. */
export interface SpikingArgs extends TemporalArgs {
  /** Any neuron type, e.g. `new nengo.LIF()`. */
  neuronType: NeuronType | DeclaredText;
  /** A factor of the input for every unit, as a number or an initializer. @defaultValue none: the input is the current */
  gain?: InitializerLike | null;
  /** What is added for every unit, likewise. @defaultValue none */
  bias?: InitializerLike | null;
  /** Whether the gain trains. @defaultValue false */
  trainGain?: boolean;
  /** Whether the bias trains. @defaultValue false */
  trainBias?: boolean;
  /**
   * What spikes are differentiated as: "rate", the slope of the type's rate (of a type without formula: what its dynamics say); "softLIF";
   * a slope of the distance to the threshold ("fastSigmoid", "arctan", "boxcar", "straightThrough", or one of their objects with
   * options); an expression of `expr.input("distance")`, or a function that makes one. @defaultValue "rate"
   */
  gradient?: SurrogateLike | DeclaredText;
  /**
   * Whether gradients go through the neurons' states too (backpropagation through time); a number: within windows of so many steps.
   * @defaultValue true where the slope depends on the threshold, where there are no spikes, and for types without formula; else false
   */
  throughState?: ThroughState;
  /**
   * Whether fit runs spikes; else it runs the type's rate, if it has one. @defaultValue false for the gradient "rate", as in a network
   * layer, else true
   */
  spikingAwareTraining?: boolean;
}

/** Programs that are kept: two phases at two time steps. */
const KEPT = 4;

interface Prepared {
  readonly program: Program;
  readonly scan: Scan;
  /** Names of the states that the phase has. */
  readonly states: readonly string[];
}

/**
 * A population of neurons of any type, one for every unit: the input, times `gain`, plus `bias`, is its current. Input and output
 * `[batch, steps, ...features]`, the output in 1/s (a spike is `amplitude / dt`). Its states are those of the type, `[batch,
 * ...features]` each, drawn from the type's distributions. All steps are one kernel.
 * @throws ValidationError for a gradient that the type cannot have
 */
export class Spiking extends TemporalLayer {
  static className = "NengoSpiking";
  readonly neuronType: NeuronType;
  readonly surrogate: Surrogate | null;
  readonly throughState: ThroughState;
  readonly spikingAwareTraining: boolean;
  private readonly weightsOf: readonly { readonly name: "gain" | "bias"; readonly values: InitialValues; readonly trains: boolean }[];
  private readonly variables: tfl.LayerVariable[] = [];
  private readonly prepared = new Map<string, Prepared>();
  private noise: { readonly streams: Streams; readonly batch: number } | null = null;

  constructor(args: SpikingArgs) {
    const { neuronType, gain, bias, trainGain, trainBias, gradient, throughState, spikingAwareTraining, ...rest } = args;
    super(rest);
    const { owner } = this;
    const type: unknown = isDeclaredText(neuronType) ? fromDeclaredText(neuronType, "neuronType") : neuronType;
    if (!(type instanceof NeuronType))
      throw new ValidationError({ owner, parameter: "neuronType", expected: "a neuron type such as new nengo.LIF()", got: describe(type) });
    this.neuronType = type;
    const chosen = isDeclaredText(gradient) ? fromDeclaredText(gradient, "gradient") : (gradient ?? "rate");
    this.surrogate = asSurrogate(chosen, owner);
    this.throughState = this.checkThrough(throughState);
    this.spikingAwareTraining = checkBoolean(owner, "spikingAwareTraining", spikingAwareTraining ?? this.surrogate !== null);
    this.weightsOf = (
      [
        ["gain", gain, trainGain, 1],
        ["bias", bias, trainBias, 0],
      ] as const
    ).flatMap(([name, given, trained, usual]) => {
      const trains = checkBoolean(owner, name === "gain" ? "trainGain" : "trainBias", trained ?? false);
      if ((given === undefined || given === null) && !trains) return [];
      return [{ name, values: new InitialValues(owner, name, given ?? usual), trains }];
    });
    // What a type does not have shows now, not in the first call.
    if (this.surrogate !== null) this.surrogate.slopeFor(type, owner);
  }

  private checkThrough(given: ThroughState | undefined): ThroughState {
    const { owner, neuronType, surrogate } = this;
    const { spiking } = neuronType;
    if (surrogate !== null && !spiking)
      throw new ValidationError({
        owner,
        parameter: "gradient",
        expected: `"rate" for ${neuronType.type}, which has no spikes`,
        got: surrogate.type,
      });
    const isHost = neuronType instanceof HostNeuronType;
    if (isHost && surrogate !== null)
      throw new ValidationError({
        owner,
        parameter: "gradient",
        expected: `no gradient for ${neuronType.type}, whose step is a JavaScript function`,
        got: surrogate.type,
        fix: "Extend NeuronType and write its dynamics as expressions",
      });
    const stops = surrogate === null ? isHost || (spiking && neuronType.dynamics.rate !== null) : !surrogate.throughState;
    if (given === undefined) return !stops;
    const through =
      typeof given === "number" ? checkInteger(owner, "throughState", given, { min: 1 }) : checkBoolean(owner, "throughState", given);
    if (stops && through !== false)
      throw new ValidationError({
        owner,
        parameter: "throughState",
        expected: `false for the gradient ${surrogate === null ? '"rate"' : surrogate.type} of ${neuronType.type}, which knows no states`,
        got: `${through}`,
        fix: 'Choose a slope of the distance to the threshold, e.g. gradient: "fastSigmoid"',
      });
    return through;
  }

  /** The type, whose states come first, and its base type. */
  private get withStates(): readonly NeuronType[] {
    return [...chainOf(this.neuronType)].reverse();
  }

  protected override stateSpecs(): readonly StateSpec[] {
    return this.withStates.flatMap((type) => Object.keys(type.defaultState).map((name) => ({ name, shape: this.featureShape })));
  }

  /** Item by item, and in it state by state, in the order in which a network draws them. */
  protected override initialValues(batch: number, rng: RandomState): readonly Float32Array[] {
    const { units, owner } = this;
    const sources = this.withStates.flatMap((type) => Object.entries(type.state));
    const values = sources.map(() => new Float32Array(batch * units));
    for (let b = 0; b < batch; b++) {
      sources.forEach(([name, source], k) => {
        const drawn =
          "data" in source && source.data.length === 1 ? new Float64Array(units).fill(source.data[0]) : samples(source, units, null, rng);
        if (drawn.length !== units)
          throw new ShapeError({
            owner,
            parameter: `initialState.${name}`,
            expected: `${units} numbers, one a unit`,
            got: `${drawn.length}`,
          });
        values[k].set(drawn, b * units);
      });
    }
    return values;
  }

  /** Makes the weights, once the features are known. */
  override build(inputShape: Shape | Shape[]): void {
    super.build(inputShape);
    for (const { name, values, trains } of this.weightsOf) {
      const variable = this.addWeight(name, [...this.featureShape], "float32", tfl.initializers.zeros(), undefined, trains);
      tf.tidy(() => {
        variable.write(tf.tensor(values.draw(this.featureShape), [...this.featureShape]));
      });
      this.variables.push(variable);
    }
    this.forgetPrograms();
  }

  private prepare(phase: Phase): Prepared {
    const { owner, neuronType, units, dt, surrogate, throughState } = this;
    const key = `${phase} ${dt}`;
    let made = this.prepared.get(key);
    if (made === undefined) {
      const weight = (name: string): { trains: boolean } | null => this.weightsOf.find((w) => w.name === name) ?? null;
      const options = { owner, neuronType, units, dt, phase, surrogate, throughState, gain: weight("gain"), bias: weight("bias") };
      const { program, parameters, states: signals } = spikingProgram(options);
      const blocks = parameters.map((signal) => blockOf(signal, signal.trainable));
      const states = this.stateSpecs().flatMap(({ name }) => (signals.has(name) ? [name] : []));
      const scan = new Scan(program, { owner, fed: [FED], recorded: [RECORDED], blocks, states: states.map((name) => signals.get(name)!) });
      made = { program, scan, states };
    }
    // The one used last stands last.
    this.prepared.delete(key);
    this.prepared.set(key, made);
    if (this.prepared.size > KEPT) {
      const [[oldest, { scan }]] = this.prepared;
      scan.dispose();
      this.prepared.delete(oldest);
    }
    return made;
  }

  protected override steps({ x, states, batch, nSteps, step, training }: TemporalCall): TemporalResult {
    const { program, scan, states: own } = this.prepare(training && !this.spikingAwareTraining ? "training" : "inference");
    if (program.streams.length > 0 && (step === 0 || this.noise?.batch !== batch)) {
      const items = Array.from({ length: batch }, (_, b) => b);
      this.noise = { streams: makeStreams(program, this.seed ?? drawSeed(), items), batch };
    }
    const runs = this.stateSpecs().map(({ name }) => own.includes(name));
    const { records, states: after } = scan.run(
      {
        feeds: [x],
        blocks: this.variables.map((v) => tf.reshape<tf.Rank.R1>(v.read(), [-1])),
        states: states.filter((_, k) => runs[k]),
      },
      { batch, nSteps, step, streams: program.streams.length > 0 ? this.noise!.streams : null },
    );
    let k = 0;
    return { output: records[0], states: states.map((before, i) => (runs[i] ? after[k++] : before)) };
  }

  private forgetPrograms(): void {
    this.prepared.forEach(({ scan }) => scan.dispose());
    this.prepared.clear();
  }

  /** Frees weights, and the engine's memory. */
  override dispose(): ReturnType<TemporalLayer["dispose"]> {
    const result = super.dispose();
    if (result.refCountAfterDispose === 0) this.forgetPrograms();
    return result;
  }

  /** The arguments, from which `fromConfig` makes the layer again. */
  override getConfig(): tf.serialization.ConfigDict {
    const { neuronType, surrogate, throughState, spikingAwareTraining } = this;
    const weights = this.weightsOf.map(({ name, values, trains }) => ({
      [name]: values.toJSON(),
      [name === "gain" ? "trainGain" : "trainBias"]: trains,
    }));
    return Object.assign(
      super.getConfig(),
      {
        neuronType: declaredText(neuronType, "neuronType"),
        ...(surrogate === null ? {} : { gradient: declaredText(surrogate, "gradient") }),
        throughState,
        spikingAwareTraining,
      },
      ...weights,
    ) as tf.serialization.ConfigDict;
  }
}
tf.serialization.registerClass(Spiking);

/** Makes a {@link Spiking}. */
export const spiking = (args: SpikingArgs): Spiking => new Spiking(args);
