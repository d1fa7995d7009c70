import { histogramPlot } from "./histogramPlot.ts";
import { heading, htmlPage, htmlTable, notes, paragraph } from "./html.ts";
import { linePlot, type Series } from "./linePlot.ts";
import { panels } from "./panels.ts";

/*
 * The types say what a page needs of a report, so that plots need no tensors: reports of conversions have it, and so has JSON of them.
 */

/** What a layer became. */
export interface PageLayer {
  readonly name: string;
  readonly className: string;
  readonly became: string;
  readonly shape: readonly number[];
  readonly neurons: number;
  readonly neuronType: string | null;
  readonly parameters: number;
  readonly scale: number;
  readonly notes: readonly string[];
}

/** What an output did after every number of steps, from 1. */
export interface PageOutput {
  readonly name: string;
  readonly accuracy: readonly (number | null)[] | null;
  readonly modelAccuracy: number | null;
  readonly agreement: readonly (number | null)[];
  readonly error: readonly (number | null)[];
  readonly smallestSteps: number | null;
}

/** How fast the neurons of a layer fired (Hz). */
export interface PageRates {
  readonly name: string;
  readonly neurons: number;
  readonly spiking: boolean;
  readonly spikes: number;
  readonly mean: number;
  readonly percentiles: Readonly<Record<string, number>>;
  readonly silent: number;
  readonly histogram: { readonly edges: readonly number[]; readonly parts: readonly number[] };
  readonly correlation: number | null;
}

/** What was measured. */
export interface PageMeasurement {
  readonly items: number;
  readonly steps: number;
  readonly dt: number;
  readonly readout: string;
  readonly tolerance: number;
  readonly outputs: readonly PageOutput[];
  readonly layers: readonly PageRates[];
  readonly energy: {
    readonly devices: Readonly<Record<string, { readonly synapses: number; readonly neurons: number; readonly total: number }>>;
    readonly layers: readonly { readonly name: string; readonly connections: number; readonly events: number; readonly neurons: number }[];
    readonly warnings: readonly string[];
  };
}

/** A report as `conversion.report` or `spikingReport(model)` is, or JSON of it. */
export interface PageReport {
  readonly model: string;
  readonly neurons: number;
  readonly layers: readonly PageLayer[];
  readonly warnings: readonly string[];
  readonly measured: PageMeasurement | null;
}

/**
 * A conversion's report as one HTML page, without scripts and without anything from elsewhere: what every layer became and why and, where it
 * was measured, outputs against steps, firing rates, and energy.
 */
export function reportPage(report: PageReport): string {
  const { model, neurons, layers, warnings, measured } = report;
  const became = layers.map((layer) => [
    layer.name,
    layer.className,
    layer.shape.join(" x "),
    layer.became,
    layer.neuronType ?? "",
    layer.neurons,
    layer.parameters,
    layer.scale,
    layer.notes.join("; "),
  ]);
  const head = ["layer", "class", "output", "became", "neuron type", "neurons", "parameters", "rates x", "why"];
  return htmlPage(`${model} with spikes`, [
    paragraph(`${neurons.toLocaleString("en")} neurons.`),
    heading("What every layer became"),
    htmlTable(head, became),
    notes(warnings),
    ...(measured === null ? [] : measuredParts(measured)),
  ]);
}

function measuredParts(measured: PageMeasurement): string[] {
  const { items, steps, dt, readout, outputs, layers, energy } = measured;
  const spikes = layers.reduce((sum, layer) => sum + layer.spikes, 0);
  const rates = layers.map((layer) => [
    layer.name,
    layer.neurons,
    layer.mean,
    layer.percentiles["50"],
    layer.percentiles["99"],
    layer.percentiles["100"],
    percent(layer.silent),
    layer.correlation === null ? "" : layer.correlation.toFixed(4),
    layer.spikes,
  ]);
  const rateHead = ["layer", "neurons", "mean (Hz)", "median", "99 %", "highest", "silent", "correlation with activations", "spikes"];
  const drawn = layers.map(({ name, histogram: { edges, parts } }) =>
    histogramPlot({ title: name, xLabel: "rate (Hz)", yLabel: "part of the neurons", edges, values: parts }),
  );
  const devices = Object.entries(energy.devices).map(([name, { synapses, neurons, total }]) => [
    name,
    ...[synapses, neurons, total].map(joule),
  ]);
  return [
    heading("Outputs against steps"),
    paragraph(`${items} items, ${steps} steps of ${dt} s; outputs are read as ${readout}.`),
    ...outputs.flatMap((output) => [paragraph(outputText(output, measured)), outputPlot(output)]),
    heading("Firing rates"),
    ...(layers.length === 0
      ? [paragraph("No layer became neurons.")]
      : [htmlTable(rateHead, rates), panels(drawn, { columns: Math.min(2, drawn.length) })]),
    heading("Spikes and energy of an inference"),
    paragraph(`${Number(spikes.toPrecision(4))} spikes. Devices that do not spike compute the model once.`),
    htmlTable(["device", "synapses (J)", "neurons (J)", "total (J)"], devices),
    htmlTable(
      ["layer", "weights of a step", "synaptic events", "neurons"],
      energy.layers.map((layer) => [layer.name, layer.connections, Math.round(layer.events), layer.neurons]),
    ),
    notes([...energy.warnings, "Energies count synaptic events and updates of neurons; they compare, and do not predict a bill."]),
  ];
}

const percent = (part: number | null | undefined): string =>
  part === null || part === undefined ? "none" : `${(100 * part).toFixed(2)} %`;
const joule = (value: number): string => value.toExponential(2);

function outputText(
  { name, accuracy, modelAccuracy, error, agreement, smallestSteps }: PageOutput,
  { tolerance }: PageMeasurement,
): string {
  const what = accuracy === null ? `an error of ${percent(tolerance)}` : `${percent(tolerance)} of the model's accuracy`;
  return [
    `${name}: `,
    accuracy === null ? "" : `accuracy ${percent(accuracy.at(-1))} (the model's ${percent(modelAccuracy)}), `,
    `error against the model ${percent(error.at(-1))}, same class as the model ${percent(agreement.at(-1))}, `,
    smallestSteps === null ? `not within ${what} in these steps.` : `within ${what} from ${smallestSteps} steps on.`,
  ].join("");
}

function outputPlot({ name, accuracy, modelAccuracy, agreement, error }: PageOutput): string {
  const x = Array.from(error, (_, k) => k + 1);
  const series = (label: string, y: readonly (number | null)[], dash?: string): Series => ({
    label,
    x,
    y: y.map((value) => value ?? Number.NaN),
    ...(dash === undefined ? {} : { dash }),
  });
  return linePlot({
    title: name,
    xLabel: "steps",
    yLabel: "part",
    height: 320,
    series: [
      ...(accuracy === null
        ? []
        : [
            series("accuracy", accuracy),
            series(
              "accuracy of the model",
              x.map(() => modelAccuracy),
              "5 3",
            ),
          ]),
      series("same class as the model", agreement),
      series("error against the model", error),
    ],
  });
}
