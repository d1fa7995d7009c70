import type { Tensor } from "@tensorflow/tfjs-core";
import { Callback, type Logs } from "@tensorflow/tfjs-layers";
import { ShapeError } from "../errors.ts";
import { layerOutputs, type LayerOutput } from "../model/layerOutputs.ts";
import type { Layer } from "../model/modelLayers.ts";

/** Options of {@link rateMonitor}. */
export interface RateMonitorOptions {
  /** Layers, or their names; their outputs are `[batch, steps, ...units]`. */
  readonly layers: readonly (Layer | string)[];
  /** Inputs on which rates are measured, as for `predict`; they stay yours. */
  readonly data: Tensor | readonly Tensor[];
  /** @defaultValue 32 */
  readonly batchSize?: number;
  /** Called after every epoch. */
  readonly onEpoch?: (report: RateReport) => void;
}

/** What layers did after an epoch. */
export interface RateReport {
  /** From 0. */
  readonly epoch: number;
  readonly layers: ReadonlyMap<string, LayerActivity>;
}

/** What a layer did. */
export interface LayerActivity extends LayerOutput {
  /** Mean output over items, steps and units: Hz, where it holds spikes. */
  readonly rate: number;
  /** The part of units that did nothing at all. */
  readonly silent: number;
}

/**
 * A callback for `fit`: after every epoch the model runs on data as in `predict`, and the mean rate of each layer comes into the logs and
 * the history as `<layer>_rate`.
 */
export class RateMonitor extends Callback {
  private readonly options: RateMonitorOptions;

  constructor(options: RateMonitorOptions) {
    super();
    this.options = options;
  }

  /** Called by `fit`. */
  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    const { layers, data, batchSize = 32 } = this.options;
    const outputs = layerOutputs(this.model as never, layers, data, { batchSize });
    const report = { epoch, layers: new Map([...outputs].map(([name, output]) => [name, activityOf(name, output)])) };
    for (const [name, { rate }] of report.layers) logs[`${name}_rate`] = rate;
    this.report(report);
  }

  /** What is done with a report beside the logs. */
  protected report(report: RateReport): void {
    this.options.onEpoch?.(report);
  }
}

function activityOf(name: string, output: LayerOutput): LayerActivity {
  const { shape, data } = output;
  if (shape.length < 3)
    throw new ShapeError({
      owner: "rateMonitor",
      parameter: name,
      expected: "an output [batch, steps, ...units]",
      got: `[${shape.join(", ")}]`,
    });
  const units = shape.slice(2).reduce((a, b) => a * b, 1);
  const active = new Uint8Array(units);
  let sum = 0;
  data.forEach((value, i) => {
    sum += value;
    if (value !== 0) active[i % units] = 1;
  });
  return { ...output, rate: sum / data.length, silent: 1 - active.reduce((a, b) => a + b, 0) / units };
}

/** Makes a {@link RateMonitor}: `model.fit(x, y, { callbacks: nengo.rateMonitor({ layers: ["spikes"], data: x }) })`. */
export const rateMonitor = (options: RateMonitorOptions): RateMonitor => new RateMonitor(options);
