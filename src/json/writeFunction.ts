import { connectionPoints, solveDecoders, targetsAt, type Decoded } from "../build/decoders.ts";
import { drawEnsemble, drawPoints } from "../build/ensemble.ts";
import type { BuiltEnsemble } from "../build/model.ts";
import { assignSeeds } from "../build/seeds.ts";
import { Distribution } from "../distributions/distribution.ts";
import { describe } from "../errors.ts";
import { toNested, type NdArray } from "../math/ndarray.ts";
import { RandomState } from "../math/random.ts";
import { Ensemble, objectName, type Connection, type Network } from "../network/index.ts";
import { Direct } from "../neurons/index.ts";
import { Dense } from "../transforms/index.ts";
import type { ConnectionJSON, DeclaredJSON } from "./document.ts";
import type { FunctionTable } from "./functions.ts";
import { member, within, wrong } from "./places.ts";
import { writeValue } from "./writeValue.ts";

/** What of a connection depends on how its function is written. */
export type ComputedJSON = Required<Pick<ConnectionJSON, "function" | "evalPoints" | "scaleEvalPoints" | "transform">>;

const nested = ({ data, shape }: NdArray): readonly unknown[] => toNested(data, shape) as readonly unknown[];

/** A function by its values at points. */
const pointwise = (points: NdArray, values: NdArray): Omit<ComputedJSON, "transform"> => ({
  function: { type: "points", values: nested(values) },
  evalPoints: nested(points),
  scaleEvalPoints: false,
});

/** The reference to a function by its name. @throws NetworkFileError where it has none */
export function writeNamed(functions: FunctionTable, fn: unknown, path: string, owner: string): DeclaredJSON {
  const name = functions.nameOf(fn);
  if (name === undefined)
    throw wrong(path, `a function with a name for ${owner}`, describe(fn), "Name it in options.functions, or use registerFunction");
  return { type: "function", name };
}

/**
 * Writes what connections compute. A function of an ensemble that has no name is written by its values at the connection's
 * evaluation points, drawn as in a build; nothing else is drawn.
 */
export class FunctionWriter {
  private readonly network: Network;
  private readonly functions: FunctionTable;
  private seeds: ReadonlyMap<object, number> | null = null;
  private readonly drawn = new Map<Ensemble, BuiltEnsemble>();

  constructor(network: Network, functions: FunctionTable) {
    this.network = network;
    this.functions = functions;
  }

  write(connection: Connection, path: string): ComputedJSON {
    const { function: fn, evalPoints, scaleEvalPoints, preObject: pre } = connection;
    const transform = writeValue(connection.transform, member(path, "transform")) as ComputedJSON["transform"];
    if (fn !== null && typeof fn !== "function") {
      const ensemble = pre as Ensemble;
      return {
        ...pointwise(drawPoints(evalPoints!, ensemble, scaleEvalPoints ? ensemble.radius : 1, new RandomState(0)), fn.points),
        transform,
      };
    }
    const place = member(path, "function");
    if (fn !== null && pre instanceof Ensemble && !(pre.neuronType instanceof Direct) && this.functions.nameOf(fn) === undefined) {
      return within(place, () => ({ transform, ...this.values(connection, pre, place) }));
    }
    return {
      function: fn === null ? null : writeNamed(this.functions, fn, place, objectName(connection)),
      evalPoints: writeValue(evalPoints, member(path, "evalPoints")) as ComputedJSON["evalPoints"],
      scaleEvalPoints,
      transform,
    };
  }

  /** The function's values at the points of a build, and the transform where a reader could not draw the same. */
  private values(
    connection: Connection,
    ensemble: Ensemble,
    path: string,
  ): Omit<ComputedJSON, "transform"> & { readonly transform?: DeclaredJSON } {
    const { preObject, preIndices, function: fn, sizeMid, transform, solver, evalPoints, scaleEvalPoints } = connection;
    const source: Decoded = {
      name: objectName(connection),
      preObject,
      preIndices,
      function: fn,
      sizeMid,
      transform,
      solver,
      evalPoints,
      scaleEvalPoints,
    };
    const seed = this.seed(connection, path, source.name);
    const built = this.built(ensemble);
    const rng = new RandomState(seed);
    const points = connectionPoints(source, ensemble, built, rng);
    const computed = pointwise(points, targetsAt(source, points));
    if (!(evalPoints instanceof Distribution) || !solver.needsActivities) return computed;

    // A reader does not draw these points, so what is drawn after them would come out otherwise there.
    const after = new RandomState(seed);
    solveDecoders(source, ensemble, built, after);
    const drawsInTransform = transform instanceof Dense && transform.init instanceof Distribution;
    const fixed = drawsInTransform ? new Dense({ shape: transform.shape, init: transform.sample(rng) }) : null;
    if (drawsInTransform) transform.sample(after);
    if (rng.u32() !== after.u32()) {
      throw wrong(
        path,
        `a function with a name for ${source.name}, whose solver draws from the same generator as its evalPoints`,
        describe(fn),
        "Name it in options.functions, or give evalPoints as an array",
      );
    }
    return fixed === null ? computed : { ...computed, transform: writeValue(fixed, path) as DeclaredJSON };
  }

  private built(ensemble: Ensemble): BuiltEnsemble {
    let built = this.drawn.get(ensemble);
    if (built === undefined) this.drawn.set(ensemble, (built = drawEnsemble(ensemble, this.seeds!.get(ensemble)!)));
    return built;
  }

  private seed(connection: Connection, path: string, name: string): number {
    const { network } = this;
    if (this.seeds === null) {
      if (network.seed === null) {
        throw wrong(
          path,
          `a function with a name, or a network with a seed, for ${name}`,
          `${describe(connection.function)} and no seed`,
          "Without a name its values are written, at evaluation points that follow from the seed: give the network a seed, or name the function in options.functions or with registerFunction",
        );
      }
      this.seeds = assignSeeds(network, network.seed);
    }
    return this.seeds.get(connection)!;
  }
}
