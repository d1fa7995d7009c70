import { checkBoolean, checkChoice, checkInteger, checkNumber } from "../../declared.ts";
import { ValidationError } from "../../errors.ts";
import type { RateTarget } from "../calibration/calibrated.ts";
import { convertOptionNames, resolveConvertOptions, type ConvertOptions, type ConvertSettings, type PlainOptions } from "../options.ts";
import type { ReadoutKind } from "../../layers/readout.ts";
import type { SurrogateLike } from "../../neurons/surrogates/asSurrogate.ts";

/** Options of {@link toSpiking}: those of `convert` that hold for layers, and how the model runs over time. */
export interface SpikingOptions extends Omit<ConvertOptions, "splitSharedWeights" | "label"> {
  /** Steps of the inputs; null: any number. @defaultValue null */
  readonly steps?: number | null;
  /** Seconds of a step. @defaultValue 0.001 */
  readonly dt?: number;
  /** What the outputs are, of all steps: their `mean`, the `last` one, ...; null: all steps. @defaultValue "mean" */
  readonly readout?: ReadoutKind | null;
  /** Seconds at the start that the readout leaves out. @defaultValue 0 */
  readonly readoutDelay?: number;
  /** Whether fit runs spikes, with the activations' derivatives; else the activations. @defaultValue true */
  readonly spikingAwareTraining?: boolean;
  /** Slope of spikes of neuron types in swapActivations. @defaultValue "rate" */
  readonly gradient?: SurrogateLike;
  /**
   * Voltage of all neurons at the start, from 0 to 1 (a spike); null: drawn uniformly. Types in swapActivations start there too, unless
   * they have an initial voltage of their own. @defaultValue null; 0.5 with `scaleFiringRates: "auto"`
   */
  readonly initialVoltage?: number | null;
  /** Name of the model. @defaultValue the model's with "_spiking" */
  readonly name?: string;
}

/** Options, checked and completed. */
export interface SpikingSettings extends ConvertSettings {
  readonly steps: number | null;
  readonly dt: number;
  readonly readout: ReadoutKind | null;
  readonly readoutDelay: number;
  readonly spikingAwareTraining: boolean;
  readonly gradient: SurrogateLike;
  /** Of initial states; null: drawn anew at every call. */
  readonly layerSeed: number | null;
}

/** Options that {@link convert} lacks, and those of calibrations. */
const OWN = ["steps", "dt", "readout", "readoutDelay", "spikingAwareTraining", "gradient", "name", "data", "calibration"];

const KINDS = ["mean", "last", "count", "max", "firstSpike"] as const;

/**
 * @param targets - what calibration found; null where there was none
 * @throws ValidationError for unknown options and odd values
 */
export function resolveSpikingOptions(
  options: Omit<SpikingOptions, keyof ConvertOptions> & PlainOptions,
  targets: ReadonlyMap<string, RateTarget> | null,
): SpikingSettings {
  const owner = "toSpiking";
  const {
    steps = null,
    dt = 0.001,
    readout = "mean",
    readoutDelay = 0,
    spikingAwareTraining = true,
    gradient = "rate",
    ...others
  } = options;
  const { name: _, ...convertOptions } = others;
  const known = convertOptionNames.filter((name) => name !== "splitSharedWeights" && name !== "label");
  const unknown = Object.keys(convertOptions).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new ValidationError({
      owner,
      parameter: unknown,
      expected: `one of ${[...known, ...OWN].join(", ")}`,
      got: `an unknown option ${JSON.stringify(unknown)}`,
      fix: "Remove or rename it",
    });
  return {
    ...resolveConvertOptions(convertOptions, targets, owner),
    steps: steps === null ? null : checkInteger(owner, "steps", steps, { min: 1 }),
    dt: checkNumber(owner, "dt", dt, { above: 0 }),
    readout: readout === null ? null : checkChoice(owner, "readout", readout, KINDS),
    readoutDelay: checkNumber(owner, "readoutDelay", readoutDelay, { min: 0 }),
    spikingAwareTraining: checkBoolean(owner, "spikingAwareTraining", spikingAwareTraining),
    gradient,
    layerSeed: options.seed ?? null,
  };
}
