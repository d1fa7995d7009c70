import { Callback } from "@tensorflow/tfjs-layers";
import { checkNumber } from "../declared.ts";
import { ValidationError, describe } from "../errors.ts";
import { allLayers, type Layer } from "../model/modelLayers.ts";

/** Seconds of a step for a batch; batches are counted from 0, on over all epochs and calls of `fit`. */
export type Schedule = (batch: number) => number;

/** Options of {@link dtSchedule}. */
export interface DtScheduleOptions {
  /** Layers, or their names, whose dt is set. @defaultValue all layers of the model that have one */
  readonly layers?: readonly (Layer | string)[];
}

type Timed = Layer & { dt: number };

/**
 * A callback for `fit` that sets `dt` of a model's layers before every batch. The last value stays after training.
 * The first batch throws a ValidationError where no layer has a dt, or where a named one has none.
 */
export class DtSchedule extends Callback {
  private readonly schedule: Schedule;
  private readonly chosen: readonly (Layer | string)[] | null;
  private batches = 0;

  constructor(schedule: Schedule, options: DtScheduleOptions = {}) {
    super();
    if (typeof schedule !== "function")
      throw new ValidationError({
        owner: "dtSchedule",
        parameter: "schedule",
        expected: "a function of the batch",
        got: describe(schedule),
      });
    this.schedule = schedule;
    this.chosen = options.layers ?? null;
  }

  /** Called by `fit`. */
  override async onBatchBegin(): Promise<void> {
    const dt = checkNumber("dtSchedule", "schedule", this.schedule(this.batches++), { above: 0 });
    for (const layer of this.timedLayers()) layer.dt = dt;
  }

  private timedLayers(): Timed[] {
    const all = allLayers(this.model as never).flatMap(withWrapped);
    const timed = all.filter(hasSettableDt);
    const wanted = this.chosen?.map((layer) => timed.find((one) => one === layer || one.name === layer)) ?? timed;
    if (wanted.length > 0 && !wanted.includes(undefined)) return wanted as Timed[];
    throw new ValidationError({
      owner: "dtSchedule",
      parameter: "layers",
      expected: "layers of the model with a dt that can be set",
      got:
        this.chosen === null
          ? "a model without any"
          : `one that has none of them: ${this.chosen.map((l) => describe(typeof l === "string" ? l : l.name)).join(", ")}`,
    });
  }
}

/** A layer and what it wraps (TimeDistributed, Bidirectional). */
function withWrapped(layer: Layer): Layer[] {
  const {
    layer: inner,
    forwardLayer,
    backwardLayer,
  } = layer as unknown as Record<"layer" | "forwardLayer" | "backwardLayer", Layer | undefined>;
  return [layer, ...[inner, forwardLayer, backwardLayer].flatMap((one) => (one === undefined ? [] : withWrapped(one)))];
}

function hasSettableDt(layer: Layer): layer is Timed {
  for (let at: object | null = layer; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const property = Object.getOwnPropertyDescriptor(at, "dt");
    if (property !== undefined) return property.set !== undefined;
  }
  return false;
}

/** Makes a {@link DtSchedule}: `model.fit(x, y, { callbacks: nengo.dtSchedule((batch) => (batch < 1000 ? 1 : 0.1)) })`. */
export const dtSchedule = (schedule: Schedule, options: DtScheduleOptions = {}): DtSchedule => new DtSchedule(schedule, options);
