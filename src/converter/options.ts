import type { Tensor } from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import { checkBoolean, checkNumber, checkSeed } from "../declared.ts";
import { ValidationError, describe } from "../errors.ts";
import { asSynapse, type SynapseLike } from "../synapses/asSynapse.ts";
import type { Synapse } from "../synapses/synapse.ts";
import type { RateTarget } from "./calibration/calibrated.ts";
import type { CalibrationOptions } from "./calibration/options.ts";
import { ActivationSwaps, type SwapActivations } from "./swaps.ts";

/** Options without data: scales of rates are numbers. */
export type PlainOptions = Omit<ConvertOptions, "data" | "calibration" | "scaleFiringRates"> & {
  readonly scaleFiringRates?: ScaleFiringRates;
};

/** A factor of rates, or one for every channel (last axis) of a layer. */
export type RateScale = number | readonly number[];

/** A rate scale for all layers, or for some by layer or name: pairs, a Map, or an object by name. */
export type ScaleFiringRates = number | Iterable<readonly [layers.Layer | string, RateScale]> | Readonly<Record<string, RateScale>>;

/** Options of {@link convert}. */
export interface ConvertOptions {
  /** Whether what has no counterpart becomes a tensor node; else it is an error. @defaultValue true */
  readonly allowFallback?: boolean;
  /** The network will not be trained: batch normalisation and shared weights become constants. @defaultValue false */
  readonly inferenceOnly?: boolean;
  /** Max pooling becomes average pooling, which changes the function: train the model so. @defaultValue false */
  readonly maxToAvgPool?: boolean;
  /** Weights of a layer that is called several times may go apart in training. @defaultValue false */
  readonly splitSharedWeights?: boolean;
  /** Neuron types for activations: `[activation name, tf function, or neuron type; neuron type]`, the first that fits. @defaultValue none */
  readonly swapActivations?: SwapActivations;
  /** How many times as fast neurons fire; their output is divided by it. A list has a number for every channel. @defaultValue 1 */
  readonly scaleFiringRates?: ScaleFiringRates | "auto";
  /** What the model will see, `[items, ...shape]`, one tensor an input: for `scaleFiringRates: "auto"`. */
  readonly data?: Tensor | readonly Tensor[];
  /** Rates that are wanted with `scaleFiringRates: "auto"`. */
  readonly calibration?: CalibrationOptions;
  /** Filter of everything that comes from neurons; a number is the time constant (s) of a Lowpass. @defaultValue null: none */
  readonly synapse?: SynapseLike;
  /**
   * Voltage of all neurons at the start, from 0 to 1 (a spike), where their type says no start of its own; null: as the types have it.
   * @defaultValue null; 0.5 with `scaleFiringRates: "auto"`
   */
  readonly initialVoltage?: number | null;
  /** The model's second axis is time: inputs `[batch, steps, ...]`. @defaultValue false */
  readonly temporalModel?: boolean;
  /** Sizes of the inputs (without the batch), where the model leaves them open: one shape, or a list of them. */
  readonly inputShapes?: readonly number[] | readonly (readonly number[])[];
  /** Of the network. @defaultValue 0 */
  readonly seed?: number;
  /** Of the network. @defaultValue the model's name */
  readonly label?: string;
}

/** Options, checked and completed. */
export interface ConvertSettings {
  readonly allowFallback: boolean;
  readonly inferenceOnly: boolean;
  readonly maxToAvgPool: boolean;
  readonly splitSharedWeights: boolean;
  readonly swaps: ActivationSwaps;
  /** Factor of the rates of a layer's neurons, or of each channel. */
  readonly scaleOf: (layer: layers.Layer, path: string) => RateScale;
  /** Keys of scaleFiringRates that fit no layer so far. */
  readonly unusedScales: () => readonly string[];
  /** What calibration found, by path; empty where there was none. */
  readonly targets: ReadonlyMap<string, RateTarget>;
  readonly synapse: Synapse | null;
  readonly initialVoltage: number | null;
  readonly temporalModel: boolean;
  readonly inputShapes: readonly (readonly number[])[] | null;
  readonly seed: number;
}

const NAMES: Readonly<Record<keyof PlainOptions, true>> = {
  allowFallback: true,
  inferenceOnly: true,
  maxToAvgPool: true,
  splitSharedWeights: true,
  swapActivations: true,
  scaleFiringRates: true,
  synapse: true,
  initialVoltage: true,
  temporalModel: true,
  inputShapes: true,
  seed: true,
  label: true,
};

/** Names of the options of {@link convert}, without those of calibrations. */
export const convertOptionNames: readonly string[] = Object.keys(NAMES);

/** @throws ValidationError for unknown options and odd values */
export function resolveConvertOptions(
  options: PlainOptions,
  targets: ReadonlyMap<string, RateTarget> | null = null,
  owner = "convert",
): ConvertSettings {
  if (typeof options !== "object" || options === null)
    throw new ValidationError({ owner, parameter: "options", expected: "an options object", got: describe(options) });
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(NAMES, name))
      throw new ValidationError({
        owner,
        parameter: name,
        expected: `one of ${Object.keys(NAMES).join(", ")}`,
        got: `an unknown option ${JSON.stringify(name)}`,
        fix: "Remove or rename it",
      });
  }
  const flag = (
    name: "allowFallback" | "inferenceOnly" | "maxToAvgPool" | "splitSharedWeights" | "temporalModel",
    initial = false,
  ): boolean => checkBoolean(owner, name, options[name] ?? initial);
  const { initialVoltage = targets === null ? null : 0.5 } = options;
  return {
    allowFallback: flag("allowFallback", true),
    inferenceOnly: flag("inferenceOnly"),
    maxToAvgPool: flag("maxToAvgPool"),
    splitSharedWeights: flag("splitSharedWeights"),
    temporalModel: flag("temporalModel"),
    swaps: new ActivationSwaps(options.swapActivations ?? []),
    ...scales(options.scaleFiringRates ?? 1, owner),
    synapse: asSynapse(options.synapse ?? null, owner),
    initialVoltage: initialVoltage === null ? null : checkNumber(owner, "initialVoltage", initialVoltage, { min: 0, max: 1 }),
    inputShapes: shapesGiven(options.inputShapes),
    seed: checkSeed(owner, options.seed) ?? 0,
    targets: targets ?? new Map<string, RateTarget>(),
  };
}

function scales(given: ScaleFiringRates, owner: string): Pick<ConvertSettings, "scaleOf" | "unusedScales"> {
  const check = (value: unknown, key: string): number => checkNumber(owner, key, value, { above: 0 });
  if (typeof given === "number") {
    const all = check(given, "scaleFiringRates");
    return { scaleOf: () => all, unusedScales: () => [] };
  }
  if (typeof given !== "object" || given === null)
    throw new ValidationError({
      owner,
      parameter: "scaleFiringRates",
      expected: "a number, or numbers by layer or name",
      got: describe(given),
    });
  const pairs = Symbol.iterator in given ? [...given] : Object.entries(given);
  const name = (key: layers.Layer | string): string => (typeof key === "string" ? key : key.name);
  const own = new Map<unknown, RateScale>(
    pairs.map(([key, value]) => {
      const parameter = `scaleFiringRates[${JSON.stringify(name(key))}]`;
      return [key, Array.isArray(value) ? value.map((one) => check(one, parameter)) : check(value, parameter)];
    }),
  );
  const used = new Set<unknown>();
  const scaleOf = (layer: layers.Layer, path: string): RateScale => {
    const key = [layer, path, layer.name].find((k) => own.has(k));
    used.add(key);
    return key === undefined ? 1 : own.get(key)!;
  };
  return { scaleOf, unusedScales: () => pairs.filter(([key]) => !used.has(key)).map(([key]) => name(key)) };
}

function shapesGiven(given: ConvertOptions["inputShapes"]): readonly (readonly number[])[] | null {
  if (given === undefined) return null;
  const list = (given.length > 0 && typeof given[0] === "number" ? [given] : given) as readonly (readonly number[])[];
  if (list.some((shape) => !Array.isArray(shape) || shape.some((n) => !Number.isInteger(n) || n < 1)))
    throw new ValidationError({
      owner: "convert",
      parameter: "inputShapes",
      expected: "lists of positive integers, one an input",
      got: describe(given),
    });
  return list;
}
