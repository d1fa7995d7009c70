import * as tf from "@tensorflow/tfjs-core";
import { createProgress } from "#terminal";
import { ShapeError, ValidationError, describe } from "../../errors.ts";
import { checkInputs } from "../checkInputs.ts";
import { sizeOf } from "../port.ts";
import { measuredEnergy } from "./energy.ts";
import { labelsOf } from "./labels.ts";
import { Measurement } from "./measurement.ts";
import type { MeasureSettings } from "./options.ts";
import { OutputTally } from "./outputTally.ts";
import { RateTally } from "./rateTally.ts";
import { runSource } from "./sourceRun.ts";
import type { Subject } from "./subject.ts";

/** A tensor for each input, or labels for each output. */
export type Tensors = tf.Tensor | readonly tf.Tensor[];

/** Steps where nothing says how many. */
const STEPS = 32;
/** Items at once, and numbers that a batch may keep of all its steps. */
const MOST_ITEMS = 32;
const MOST_NUMBERS = 2 ** 25;

/** What {@link measureSubject} is told beside the data. */
export interface MeasureParts {
  readonly settings: MeasureSettings;
  readonly readout: string;
  /** Calls whose values come at every step, though no spikes make them. */
  readonly dense: ReadonlySet<string>;
}

/**
 * Runs a spiking network on data, batch by batch, and compares it with its source and with labels.
 * @param x - `[items, ...shape]` each (`[items, steps, ...shape]` of a temporal model)
 * @param y - labels, one tensor an output; null: none
 * @throws ShapeError, ValidationError for data that do not fit
 */
export async function measureSubject(subject: Subject, x: Tensors, y: Tensors | null, parts: MeasureParts): Promise<Measurement> {
  const { owner, graph, temporal, dt, neurons, firstRead } = subject;
  const { settings, readout, dense } = parts;
  const inputs = tensors(owner, "x", x);
  checkInputs({ graph, temporal, place: { owner, parameter: "x" } }, inputs);
  const steps = stepsOf(subject, settings, inputs);
  if (firstRead > steps)
    throw new ValidationError({
      owner,
      parameter: "steps",
      expected: `more than the ${firstRead - 1} that the readout leaves out`,
      got: `${steps}`,
    });
  const items = inputs[0].shape[0];
  const sizes = graph.outputs.map(({ shape }) => sizeOf(shape));
  const labels = y === null ? [] : tensors(owner, "y", y);
  if (y !== null && labels.length !== sizes.length)
    throw new ShapeError({ owner, parameter: "y", expected: `${sizes.length} tensors of labels, one an output`, got: `${labels.length}` });
  const classes = await Promise.all(labels.map((one, k) => labelsOf(owner, one, items, sizes[k])));
  const outputs = graph.outputs.map(({ path }, k) => new OutputTally(path, sizes[k], steps, classes[k] ?? null));
  const tallies = new Map(neurons.map(({ path }) => [path, new RateTally(neurons.filter((place) => place.path === path))]));
  const compared = new Set([...tallies].filter(([, tally]) => tally.oneByOne).map(([path]) => path));
  const filled = inputs.map(() => 0);

  const kept = [...graph.inputs.map(({ shape }) => sizeOf(shape)), ...neurons.map(({ units }) => units), ...sizes];
  const room = Math.floor(MOST_NUMBERS / (steps * kept.reduce((a, b) => a + b, 0)));
  const batchSize = settings.batchSize ?? Math.max(1, Math.min(MOST_ITEMS, room));
  const bar = createProgress("Measuring", items, settings.progressBar);
  for (let from = 0; from < items; from += batchSize) {
    const count = Math.min(batchSize, items - from);
    const batch = tf.tidy(() => runBatch(subject, inputs, from, count, steps, compared));
    const data = async (list: readonly tf.Tensor[]): Promise<ArrayLike<number>[]> => Promise.all(list.map(async (t) => t.data()));
    try {
      const [got, source, signed, absolute, active, nonzero] = await Promise.all([
        data(batch.got),
        data(batch.source),
        data(batch.signed),
        data(batch.sizes),
        data(batch.active),
        data(batch.nonzero),
      ]);
      outputs.forEach((tally, k) => tally.add(got[k], source[k], firstRead, count));
      const activations = new Map<string, ArrayLike<number>>();
      for (const [path, tensor] of Object.entries<tf.Tensor>(batch.activations)) activations.set(path, await tensor.data());
      neurons.forEach((place, k) => {
        const sums = { signed: signed[k], sizes: absolute[k], active: active[k][0] };
        tallies.get(place.path)!.add(place, sums, activations.get(place.path) ?? null, count);
      });
      nonzero.forEach((part, k) => (filled[k] += (part[0] * count) / items));
    } finally {
      tf.dispose(batch);
    }
    bar.update(from + count);
    // Lets whoever waits (a page, a progress bar) have its turn.
    await tf.nextFrame();
  }
  bar.finish();
  const tolerance = settings.tolerance ?? (y === null ? 0.05 : 0.01);
  const rates = [...tallies.values()].map((tally) => tally.result(steps * dt));
  return new Measurement({
    items,
    steps,
    dt,
    readout: [readout, ...new Set(subject.after.filter((name) => name !== null).map((name) => `then ${name}`))].join(", "),
    tolerance,
    outputs: outputs.map((tally) => tally.result(firstRead, tolerance)),
    layers: rates,
    energy: measuredEnergy({ graph, temporal, steps, dt, rates, dense, inputs: filled }),
  });
}

/** One batch through the spiking network and its source; called in a tidy. */
function runBatch(subject: Subject, all: readonly tf.Tensor[], from: number, count: number, steps: number, compared: ReadonlySet<string>) {
  const { graph, temporal, firstRead } = subject;
  const inputs = all.map((x) => tf.slice(x, from, count));
  const over = temporal ? inputs : inputs.map((x) => repeated(x, steps));
  const recorded = subject.run(over);
  const reads = Array.from({ length: steps - firstRead + 1 }, (_, k) => firstRead + k);
  /** Read after every number of steps: `[reads, batch, size]`. */
  const readAll = (values: readonly tf.Tensor[], read: Subject["read"]): tf.Tensor[] => {
    const each = reads.map((n) => tf.tidy(() => read(values.map((v) => firstSteps(v, n))).map((v) => tf.reshape(v, [count, -1]))));
    return values.map((_, k) => tf.stack(each.map((list) => list[k])));
  };
  const { outputs, activations } = runSource(graph, inputs, compared);
  return {
    got: readAll(recorded.outputs, subject.read),
    source: temporal ? readAll(outputs, subject.readSource) : outputs.map((v) => tf.reshape(v, [count, -1])),
    signed: recorded.neurons.map((v) => tf.sum(v, 1)),
    active: recorded.neurons.map(partNotZero),
    sizes: recorded.neurons.map((v) => tf.sum(tf.abs(v), 1)),
    nonzero: inputs.map(partNotZero),
    activations: Object.fromEntries([...activations].map(([path, v]) => [path, temporal ? tf.mean(v, 1) : tf.clone(v)])),
  };
}

const partNotZero = (x: tf.Tensor): tf.Tensor => tf.mean(tf.cast(tf.notEqual(x, tf.zerosLike(x)), "float32"));

const firstSteps = (values: tf.Tensor, n: number): tf.Tensor =>
  tf.slice(values, new Array<number>(values.rank).fill(0), [values.shape[0], n, ...values.shape.slice(2)]);

/** `[batch, ...]` to `[batch, steps, ...]`. */
function repeated(x: tf.Tensor, steps: number): tf.Tensor {
  const [batch, ...shape] = x.shape;
  return tf.reshape(tf.tile(tf.reshape(tf.cast(x, "float32"), [batch, 1, -1]), [1, steps, 1]), [batch, steps, ...shape]);
}

function stepsOf({ owner, temporal, steps: made }: Subject, { steps }: MeasureSettings, inputs: readonly tf.Tensor[]): number {
  const fixed = temporal ? inputs[0].shape[1]! : made;
  if (fixed !== null && steps !== null && steps !== fixed)
    throw new ValidationError({
      owner,
      parameter: "steps",
      expected: temporal ? `${fixed}, as in the data` : `${fixed}, which the model was made for`,
      got: `${steps}`,
      fix: "Leave it out",
    });
  return fixed ?? steps ?? STEPS;
}

function tensors(owner: string, parameter: string, given: Tensors): tf.Tensor[] {
  const list = [given].flat() as tf.Tensor[];
  const bad = list.findIndex((one) => !(one instanceof tf.Tensor));
  if (list.length > 0 && bad < 0) return list;
  throw new ValidationError({ owner, parameter, expected: "a tensor, or a list of them", got: describe(list[bad]) });
}
