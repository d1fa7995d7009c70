import type { LayersModel } from "@tensorflow/tfjs-layers";
import { ConversionError, ValidationError, describe } from "../errors.ts";
import { NengoLayer } from "../layers/nengoLayer.ts";
import type { NdArray } from "../math/ndarray.ts";
import type { Connection, Ensemble, Network, Probe } from "../network/index.ts";
import { Simulator } from "../simulator/index.ts";
import { columnMajor } from "../transforms/dense.ts";

/** Parameters of a network as they are now, by object of that network; row-major. */
export interface TrainedWeights {
  readonly network: Network;
  /** Null where a connection has none. */
  weights(connection: Connection): NdArray | null;
  /** Decoders of a probe's own; null where it has none. */
  probe(probe: Probe): NdArray | null;
  /** Gains of an ensemble's neurons. */
  gain(ensemble: Ensemble): NdArray;
  ensemble(ensemble: Ensemble): { readonly scaledEncoders: NdArray; readonly bias: NdArray | null };
}

/** What has trained weights of a network: a simulator of it, a model or layer that holds it. */
export type Trained = Simulator | LayersModel | NengoLayer;

/**
 * Reads parameters from what was trained.
 * @throws ConversionError where a model has no layer of a whole network, or several; ValidationError for anything else
 */
export function trainedWeights(x: Trained): TrainedWeights {
  if (x instanceof Simulator) {
    const { network, data } = x;
    return {
      network,
      weights: (connection) => data.get(connection).weights,
      probe: (probe) => ofLayer(networkLayer(x.model)).probe(probe),
      gain: (ensemble) => data.get(ensemble).gain!,
      ensemble: (ensemble) => data.get(ensemble),
    };
  }
  if (x instanceof NengoLayer) return ofLayer(x);
  if (typeof x !== "object" || x === null || !("layers" in x))
    throw new ValidationError({
      owner: "toLayersModel",
      expected: "a conversion, a Simulator, or a model that holds a network",
      got: describe(x),
    });
  return ofLayer(networkLayer(x));
}

/** The one layer of a model that holds a network. */
function networkLayer(model: LayersModel): NengoLayer {
  const found = model.layers.filter((layer) => layer instanceof NengoLayer);
  if (found.length !== 1)
    throw new ConversionError({
      owner: "toLayersModel",
      expected: "a model with one layer that holds a network",
      got: `${found.length} of them`,
      fix: "Hand over the layer",
    });
  return found[0];
}

function ofLayer(layer: NengoLayer): TrainedWeights {
  const { builtNetwork: built } = layer;
  const read = (owner: object, role: string, initial: NdArray): NdArray => {
    for (const [k, block] of layer.blocks.entries()) {
      const entry = block.entries.find(({ parameter }) => parameter.owner === owner && parameter.role === role);
      const variable = layer.blockVariables[k];
      if (entry === undefined || variable === undefined) continue;
      const { size } = entry.parameter.signal;
      const data = Float64Array.from(
        variable
          .read()
          .dataSync<"float32">()
          .subarray(entry.offset, entry.offset + size),
      );
      const { shape } = initial;
      return { shape, data: shape.length === 2 ? columnMajor({ shape: [shape[1], shape[0]], data }) : data };
    }
    return initial;
  };
  return {
    network: layer.definition.network,
    weights: (connection) => {
      const { weights } = built.connections.get(connection)!;
      return weights === null ? null : read(connection, "weights", weights);
    },
    probe: (probe) => built.connections.get(probe)?.weights ?? null,
    gain: (ensemble) => built.ensembles.get(ensemble)!.gain!,
    ensemble: (ensemble) => {
      const { scaledEncoders, bias } = built.ensembles.get(ensemble)!;
      return {
        scaledEncoders: read(ensemble, "scaledEncoders", scaledEncoders),
        bias: bias === null ? null : read(ensemble, "bias", bias),
      };
    },
  };
}

/** The same for another network of equal structure, object by object in order of creation: one that was saved and loaded. */
export function onto(network: Network, trained: TrainedWeights): TrainedWeights {
  if (network === trained.network) return trained;
  const pairs = <T extends object>(own: readonly T[], others: readonly T[], what: string): Map<T, T> => {
    if (own.length !== others.length)
      throw new ConversionError({
        owner: "toLayersModel",
        parameter: "conversion",
        expected: `the conversion of the network that was trained, with ${others.length} ${what}`,
        got: `one with ${own.length}`,
      });
    return new Map(own.map((object, k) => [object, others[k]]));
  };
  const connections = pairs(network.allConnections, trained.network.allConnections, "connections");
  const ensembles = pairs(network.allEnsembles, trained.network.allEnsembles, "ensembles");
  return {
    network,
    weights: (connection) => trained.weights(connections.get(connection)!),
    probe: (probe) => trained.probe(probe),
    gain: (ensemble) => trained.gain(ensembles.get(ensemble)!),
    ensemble: (ensemble) => trained.ensemble(ensembles.get(ensemble)!),
  };
}
