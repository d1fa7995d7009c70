import type { BuiltNetwork } from "../build/build.ts";
import { ValidationError } from "../errors.ts";
import type { Signal } from "../ir/signal.ts";
import type { NdArray } from "../math/ndarray.ts";
import { Connection, Ensemble, Probe, objectName } from "../network/index.ts";
import { columnMajor } from "../transforms/dense.ts";
import type { ProbeData, ProbeStore } from "./probeData.ts";

/** Parameters of an ensemble as they are now: drawn, or trained. Null where Direct mode has none. */
export interface EnsembleData {
  /** `[neurons, dimensions]`. */
  readonly encoders: NdArray;
  /** `[neurons, dimensions]`: encoders * gain / radius. */
  readonly scaledEncoders: NdArray;
  readonly gain: NdArray | null;
  readonly bias: NdArray | null;
  /** `[points, dimensions]`. */
  readonly evalPoints: NdArray;
  /** Hz. */
  readonly maxRates: NdArray | null;
  readonly intercepts: NdArray | null;
}

/** Weights of a connection as they are now. */
export interface ConnectionData {
  /** `[sizeOut, sizeIn]`, a diagonal, a number, or null where the connection has none. */
  readonly weights: NdArray | null;
  readonly evalPoints: NdArray | null;
  readonly solverInfo: Readonly<Record<string, unknown>> | null;
}

/** Where parameter values come from: drawn and solved, or trained. */
export interface ParameterSource {
  /** Values in stored order, or null while they are as built. */
  trained(signal: Signal): Float32Array | null;
}

/** What a simulation recorded and built, by object. */
export class SimulationData {
  private readonly built: BuiltNetwork;
  private readonly stores: ReadonlyMap<Probe, ProbeStore>;
  private readonly source: ParameterSource;
  /** Signals of parameters, by owner and role. */
  private readonly signals: ReadonlyMap<object, ReadonlyMap<string, Signal>>;

  constructor(built: BuiltNetwork, stores: ReadonlyMap<Probe, ProbeStore>, source: ParameterSource) {
    this.built = built;
    this.stores = stores;
    this.source = source;
    const signals = new Map<object, Map<string, Signal>>();
    for (const { owner, role, signal } of built.parameters) {
      const own = signals.get(owner);
      if (own === undefined) signals.set(owner, new Map([[role, signal]]));
      else own.set(role, signal);
    }
    this.signals = signals;
  }

  /** Data of a probe, or parameters of an ensemble or connection. @throws ValidationError for anything else */
  get(object: Probe): ProbeData;
  get(object: Ensemble): EnsembleData;
  get(object: Connection): ConnectionData;
  get(object: unknown): ProbeData | EnsembleData | ConnectionData {
    if (object instanceof Probe && this.stores.has(object)) return this.stores.get(object)!.get();
    if (object instanceof Ensemble && this.built.ensembles.has(object)) return this.ensemble(object);
    if (object instanceof Connection && this.built.connections.has(object)) return this.connection(object);
    throw new ValidationError({
      owner: "Simulator",
      parameter: "data",
      expected: "a Probe, Ensemble or Connection of the simulated network",
      got: objectName(object),
    });
  }

  /** The present values of a parameter, row-major, or null while they are as built. */
  private trained(owner: object, role: string, shape: readonly number[]): NdArray | null {
    const signal = this.signals.get(owner)?.get(role);
    const values = signal === undefined ? null : this.source.trained(signal);
    if (values === null) return null;
    const data = Float64Array.from(values);
    // Stored by columns: reading [columns, rows] by columns gives rows.
    return { shape, data: shape.length === 2 ? columnMajor({ shape: [shape[1], shape[0]], data }) : data };
  }

  private ensemble(ensemble: Ensemble): EnsembleData {
    const built = this.built.ensembles.get(ensemble)!;
    const scaled = this.trained(ensemble, "scaledEncoders", built.scaledEncoders.shape);
    const bias = built.bias === null ? null : this.trained(ensemble, "bias", built.bias.shape);
    if (scaled === null && bias === null) return built;
    const scaledEncoders = scaled ?? built.scaledEncoders;
    const d = ensemble.dimensions;
    const { gain } = built;
    const encoders =
      scaled === null
        ? built.encoders
        : {
            shape: scaled.shape,
            // In Direct mode encoders are taken as they are.
            data:
              built.scaledEncoders === built.encoders
                ? scaled.data
                : scaled.data.map((e, k) => (e * ensemble.radius) / gain!.data[Math.floor(k / d)]),
          };
    if (bias === null || gain === null) return { ...built, encoders, scaledEncoders };
    const { maxRates, intercepts } = ensemble.neuronType.maxRatesIntercepts(gain.data, bias.data);
    const vector = (data: Float64Array): NdArray => ({ shape: [data.length], data });
    return { ...built, encoders, scaledEncoders, bias, maxRates: vector(maxRates), intercepts: vector(intercepts) };
  }

  private connection(connection: Connection): ConnectionData {
    const built = this.built.connections.get(connection)!;
    const weights = built.weights === null ? null : this.trained(connection, "weights", built.weights.shape);
    return weights === null ? built : { ...built, weights };
  }
}
