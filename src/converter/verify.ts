import { dispose, tensor, tidy, type Tensor } from "@tensorflow/tfjs-core";
import { ConversionError } from "../errors.ts";
import { RandomState } from "../math/random.ts";
import { checkInputs } from "./checkInputs.ts";
import type { Conversion } from "./conversion.ts";
import type { Value } from "./graph.ts";
import { sizeOf } from "./port.ts";
import { runCalls } from "./measuring/sourceRun.ts";
import { runRates, type Recorded } from "./rateRun.ts";
import { referenceOf } from "./reference.ts";
import { checkSpikes, type SpikingCheck } from "./spikingCheck.ts";

/** Options of `conversion.verify`. */
export interface VerifyOptions {
  /** Largest difference of the rate network, as a part of the largest number of a layer's output. @defaultValue 1e-5 */
  readonly tolerance?: number;
  /** Steps of the spiking network; 0 leaves it out. @defaultValue 50 */
  readonly steps?: number;
  /** Seconds. @defaultValue that of the model's layers over time, or 0.001 */
  readonly dt?: number;
  /** Of made-up data. @defaultValue 0 */
  readonly seed?: number;
}

/** How far a layer of the rate network is from the model's layer, for the inputs that it has in the network. */
export interface LayerCheck {
  readonly name: string;
  /** Largest difference as a part of the largest number; null where the layer is another function on purpose, or compared with the next. */
  readonly error: number | null;
}

/** What `conversion.verify` found. */
export interface Verification {
  readonly rates: readonly LayerCheck[];
  /** The same of the model's outputs from its inputs on, where what all layers leave adds up; null where a layer is another function. */
  readonly outputs: readonly LayerCheck[];
  /** Empty where no neurons spike. */
  readonly spikes: readonly SpikingCheck[];
}

/** Tensors `[batch, ...shape]`, one an input. */
export type VerifyData = Tensor | readonly Tensor[];

/**
 * Compares a conversion's network with the model, layer by layer: with rates in place of spikes (and without the options' synapse)
 * every layer must give what the model's layer gives; with spikes, every neuron must fire at the rate that its input asks for.
 * @throws ConversionError that names the first layer that is off
 */
export async function verify(conversion: Conversion, data: VerifyData | null, options: VerifyOptions = {}): Promise<Verification> {
  const { tolerance = 1e-5, steps = 50, dt = stepOf(conversion), seed = 0 } = options;
  const inputs = data === null ? madeUp(conversion, seed) : [data].flat();
  const { graph, settings } = conversion;
  checkInputs({ graph, temporal: settings.temporalModel, place: { owner: "Conversion", parameter: "verify" } }, inputs);
  try {
    const { rates, outputs } = checkRates(conversion, inputs, tolerance, dt);
    const spiking = conversion.calls.some(({ neurons }) => neurons.some(({ ensemble }) => ensemble.neuronType.spiking));
    const spikes = spiking && steps > 0 ? await checkSpikes(conversion, inputs, { steps, dt }) : [];
    return { rates, outputs, spikes };
  } finally {
    if (data === null) dispose(inputs);
  }
}

/** Seconds of a step of the model's layers over time. */
export const stepOf = ({ calls }: Conversion): number =>
  calls.map(({ call: { layer } }) => (layer as typeof layer & { dt?: number }).dt).find((dt) => typeof dt === "number") ?? 0.001;

/** Two items of normal numbers; indices for layers that look numbers up. */
function madeUp({ graph, settings }: Conversion, seed: number): Tensor[] {
  const rng = new RandomState(seed);
  return graph.inputs.map((value) => {
    const shape = [2, ...(settings.temporalModel ? [10] : []), ...value.shape];
    const size = sizeOf(shape);
    const highest = graph.calls
      .filter(({ inputs }) => inputs.includes(value))
      .map(({ layer }) => (layer as typeof layer & { inputDim?: number }).inputDim)
      .filter((n) => n !== undefined && n !== null);
    if (highest.length > 0) {
      const top = Math.min(...highest);
      return tensor(
        Int32Array.from({ length: size }, () => rng.randint(0, top)),
        shape,
        "int32",
      );
    }
    return tensor(Float32Array.from(rng.normals(size)), shape);
  });
}

function checkRates(conversion: Conversion, inputs: readonly Tensor[], tolerance: number, dt: number): Omit<Verification, "spikes"> {
  const { graph, calls } = conversion;
  const ports = calls.map(({ port }) => port);
  const got = runRates(conversion, inputs, ports, dt);
  const values = new Map<Value, Tensor>(graph.inputs.map((value, k) => [value, inputs[k]]));
  const made: Tensor[] = [];
  try {
    const rates = calls.map((converted): LayerCheck => {
      const { call, port } = converted;
      const own = got.get(port)!;
      const wanted = referenceOf(
        converted,
        call.inputs.map((value) => values.get(value)!),
      );
      if (wanted === null) {
        values.set(call.outputs[0], own);
        return { name: call.path, error: null };
      }
      made.push(wanted);
      // The normalisation behind it sees what the model's layer gives.
      values.set(call.outputs[0], converted.folded ? wanted : own);
      if (converted.folded) return { name: call.path, error: null };
      const error = relativeError(own, wanted);
      if (!(error <= tolerance))
        throw new ConversionError(
          {
            owner: `Conversion.verify of layer ${JSON.stringify(call.path)}`,
            expected: `rates within ${tolerance} of the largest number of the layer's output`,
            got: `a difference of ${error.toPrecision(3)}`,
          },
          { layer: call.path },
        );
      return { name: call.path, error };
    });
    return { rates, outputs: checkOutputs(conversion, inputs, got, tolerance) };
  } finally {
    dispose([...got.values(), ...made.filter((t) => !inputs.includes(t))]);
  }
}

/** The network's outputs beside those of the model: every layer may add what a layer may be off. */
function checkOutputs(conversion: Conversion, inputs: readonly Tensor[], got: Recorded, tolerance: number): LayerCheck[] {
  const { graph, calls } = conversion;
  const same = calls.every(
    ({ otherFunction, reference, neurons }) => !otherFunction && reference === null && neurons.every(({ exact }) => exact),
  );
  if (!same) return graph.outputs.map(({ path }) => ({ name: path, error: null }));
  const errors = tidy(() => {
    const outputs = runCalls(graph, inputs);
    return graph.outputs.map((value, k) =>
      relativeError(got.get(conversion.portOf(value)) ?? inputs[graph.inputs.indexOf(value)], outputs[k]),
    );
  });
  const most = tolerance * Math.max(1, calls.length);
  return graph.outputs.map(({ path }, k) => {
    if (errors[k] <= most) return { name: path, error: errors[k] };
    throw new ConversionError(
      {
        owner: `Conversion.verify of output ${JSON.stringify(path)}`,
        expected: `rates within ${most.toPrecision(3)} of the largest number of the output (${tolerance} for each of ${calls.length} layers)`,
        got: `a difference of ${errors[k].toPrecision(3)}`,
      },
      { layer: path },
    );
  });
}

function relativeError(got: Tensor, wanted: Tensor): number {
  const [a, b] = [got.dataSync<"float32">(), wanted.dataSync<"float32">()];
  let [most, scale] = [0, 0];
  for (let k = 0; k < b.length; k++) {
    const difference = Math.abs(a[k] - b[k]);
    // A NaN is as far away as can be.
    most = difference <= most ? most : Number.isNaN(difference) ? Infinity : difference;
    scale = Math.max(scale, Math.abs(b[k]));
  }
  return most === 0 ? 0 : most / scale;
}
