import { ValidationError } from "../errors.ts";
import { Direct } from "../neurons/index.ts";
import { Ensemble } from "./ensemble.ts";
import { fullRange, type IndexSet } from "./indexSet.ts";
import type { Network } from "./network.ts";
import { Neurons } from "./neurons.ts";
import { Node } from "./node.ts";
import { objectName } from "./objectName.ts";
import { View, type ViewTarget } from "./view.ts";

/** The object behind an end of a connection, and which of its components take part. */
export interface End {
  readonly object: ViewTarget;
  readonly indices: IndexSet;
}

/** The network that an object stands in. */
export const networkOf = (object: ViewTarget): Network => (object instanceof Neurons ? object.ensemble.network : object.network);

/** @throws ValidationError unless both networks have the same top-level network. */
export function checkSameTree(network: Network, other: Network, owner: string, parameter: string, got: string): void {
  if (network.root === other.root) return;
  throw new ValidationError({
    owner,
    parameter,
    expected: `an object of ${objectName(network.root)} or its subnetworks`,
    got: `${got} of another network`,
  });
}

/** Checks one end of a connection that is made in `network`. */
export function endOf(network: Network, owner: string, side: "pre" | "post", given: unknown): End {
  const at = { owner, parameter: side };
  const object = given instanceof View ? given.target : given;
  if (!(object instanceof Ensemble || object instanceof Neurons || object instanceof Node)) {
    throw new ValidationError({ ...at, expected: "an Ensemble, its neurons, a Node, or a view of one", got: objectName(given) });
  }
  checkSameTree(network, networkOf(object), owner, side, objectName(given));
  const [viewed, size] =
    side === "pre"
      ? [given instanceof View ? given.indicesOut : null, object.sizeOut]
      : [given instanceof View ? given.indicesIn : null, object.sizeIn];
  const indices = given instanceof View ? viewed : fullRange(size);
  if (indices === null || indices.size === 0 || size === 0) {
    throw new ValidationError({
      ...at,
      expected: side === "pre" ? "an object with an output" : "an object with an input",
      got: `${objectName(given)}, whose ${side === "pre" ? "sizeOut" : "sizeIn"} is 0`,
      ...hint(object, size, side),
    });
  }
  return { object, indices };
}

function hint(object: ViewTarget, size: number, side: "pre" | "post"): { fix?: string } {
  if (size > 0) return { fix: `The view picks nothing of ${size} components` };
  if (object instanceof Neurons && object.ensemble.neuronType instanceof Direct) return { fix: "A Direct ensemble has no neurons" };
  if (object instanceof Node && side === "post") return { fix: "Give the Node {sizeIn}" };
  if (object instanceof Node && object.kind === "function") return { fix: "Its function returns nothing" };
  return {};
}
