import { table, type Cell } from "../../table.ts";
import type { MeasuredEnergy } from "./energy.ts";
import type { OutputMeasurement } from "./outputTally.ts";
import type { LayerRates } from "./rateTally.ts";

/** Plain data of a {@link Measurement}. */
export interface MeasurementData {
  readonly items: number;
  readonly steps: number;
  /** Seconds of a step. */
  readonly dt: number;
  /** How outputs are read from steps. */
  readonly readout: string;
  /** Largest loss that `smallestSteps` allows. */
  readonly tolerance: number;
  /** One an output of the model. */
  readonly outputs: readonly OutputMeasurement[];
  /** One a layer that became neurons. */
  readonly layers: readonly LayerRates[];
  readonly energy: MeasuredEnergy;
}

/** What a spiking network did on data. `toString` is tables, `toJSON` plain data. */
export class Measurement implements MeasurementData {
  readonly items: number;
  readonly steps: number;
  readonly dt: number;
  readonly readout: string;
  readonly tolerance: number;
  readonly outputs: readonly OutputMeasurement[];
  readonly layers: readonly LayerRates[];
  readonly energy: MeasuredEnergy;

  constructor({ items, steps, dt, readout, tolerance, outputs, layers, energy }: MeasurementData) {
    this.items = items;
    this.steps = steps;
    this.dt = dt;
    this.readout = readout;
    this.tolerance = tolerance;
    this.outputs = outputs;
    this.layers = layers;
    this.energy = energy;
  }

  /** Spikes of all neurons in an inference. */
  get spikes(): number {
    return this.layers.reduce((sum, { spikes }) => sum + spikes, 0);
  }

  /** Accuracy of the first output after all steps; null without labels. */
  get accuracy(): number | null {
    return this.outputs[0].accuracy?.at(-1) ?? null;
  }

  /** Error of the first output against the source model's after all steps; null where nothing is read. */
  get error(): number | null {
    return this.outputs[0].error.at(-1) ?? null;
  }

  /** Steps from which on the first output stays within the tolerance. */
  get smallestSteps(): number | null {
    return this.outputs[0].smallestSteps;
  }

  /** Plain data. */
  toJSON(): MeasurementData & { readonly spikes: number } {
    const { items, steps, dt, readout, tolerance, outputs, layers, energy, spikes } = this;
    return { items, steps, dt, readout, tolerance, spikes, outputs, layers, energy };
  }

  /** Tables for a terminal. */
  toString(): string {
    const { items, steps, dt, readout, spikes } = this;
    const rates = this.layers.map(({ name, neurons, mean, percentiles, silent, correlation, spikes: own }): Cell[] => [
      name,
      neurons,
      mean,
      percentiles[50],
      percentiles[99],
      percentiles[100],
      `${(100 * silent).toFixed(1)} %`,
      correlation === null ? "" : correlation.toFixed(4),
      own,
    ]);
    const rateHead = ["layer", "neurons", "mean (Hz)", "median", "99 %", "highest", "silent", "correlation", "spikes"];
    const joule = Object.entries(this.energy.devices).map(([device, { synapses, neurons, total }]): Cell[] => [
      device,
      ...[synapses, neurons, total].map((value) => value.toExponential(2)),
    ]);
    return [
      `${items} items, ${steps} steps of ${dt} s, outputs read as ${readout}`,
      ...this.outputs.map((output) => this.outputText(output)),
      ...(rates.length === 0 ? [] : [table(rateHead, rates), `${Number(spikes.toPrecision(4))} spikes an inference`]),
      table(["J an inference", "synapses", "neurons", "total"], joule),
      ...this.energy.warnings.map((warning) => `- ${warning}`),
    ].join("\n");
  }

  private outputText({ name, accuracy, modelAccuracy, agreement, error, smallestSteps }: OutputMeasurement): string {
    const percent = (part: number | null | undefined): string =>
      part === null || part === undefined ? "none" : `${(100 * part).toFixed(2)} %`;
    const loss = accuracy === null ? `an error of ${percent(this.tolerance)}` : `${percent(this.tolerance)} of the model's accuracy`;
    return [
      `${name}: `,
      accuracy === null ? "" : `accuracy ${percent(accuracy.at(-1))} (the model's ${percent(modelAccuracy)}), `,
      `error ${percent(error.at(-1))}, same class as the model ${percent(agreement.at(-1))}, `,
      smallestSteps === null ? `not within ${loss} in these steps` : `within ${loss} from ${smallestSteps} steps on`,
    ].join("");
  }
}
