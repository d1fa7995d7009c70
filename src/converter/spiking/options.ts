import { checkBoolean, checkChoice, checkInteger, checkNumber } from "../../declared.ts";
import type { RateTarget } from "../calibration/calibrated.ts";
import { resolveConvertOptions, type ConvertOptions, type ConvertSettings, type PlainOptions } from "../options.ts";
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

const KINDS = ["mean", "last", "count", "max", "firstSpike"] as const;

/** @throws ValidationError for unknown options and odd values */
export function resolveSpikingOptions(
  options: Omit<SpikingOptions, keyof ConvertOptions> & PlainOptions,
  targets: ReadonlyMap<string, RateTarget>,
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
  return {
    ...resolveConvertOptions(convertOptions, targets),
    steps: steps === null ? null : checkInteger(owner, "steps", steps, { min: 1 }),
    dt: checkNumber(owner, "dt", dt, { above: 0 }),
    readout: readout === null ? null : checkChoice(owner, "readout", readout, KINDS),
    readoutDelay: checkNumber(owner, "readoutDelay", readoutDelay, { min: 0 }),
    spikingAwareTraining: checkBoolean(owner, "spikingAwareTraining", spikingAwareTraining),
    gradient,
    layerSeed: options.seed ?? null,
  };
}
