import { ValidationError } from "../errors.ts";
import { Direct } from "../neurons/index.ts";
import { Ensemble } from "./ensemble.ts";
import { fullRange, type IndexSet } from "./indexSet.ts";
import { LearningRule } from "./learningRule.ts";
import type { Network } from "./network.ts";
import { Neurons } from "./neurons.ts";
import { Node } from "./node.ts";
import { objectName } from "./objectName.ts";
import { View, type ViewTarget } from "./view.ts";

/** What a connection can start from. */
export type Source = Exclude<ViewTarget, LearningRule>;

/** The object behind an end of a connection, and which of its components take part. */
export interface End<T extends ViewTarget = ViewTarget> {
  readonly object: T;
  readonly indices: IndexSet;
}

/** The network that an object stands in. */
export function networkOf(object: ViewTarget): Network {
  if (object instanceof Neurons) return object.ensemble.network;
  return object instanceof LearningRule ? object.connection.network : object.network;
}

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
export function endOf(network: Network, owner: string, side: "pre", given: unknown): End<Source>;
export function endOf(network: Network, owner: string, side: "post", given: unknown): End;
export function endOf(network: Network, owner: string, side: "pre" | "post", given: unknown): End {
  const at = { owner, parameter: side };
  const object = given instanceof View ? given.target : given;
  const rule = object instanceof LearningRule && side === "post";
  if (!(object instanceof Ensemble || object instanceof Neurons || object instanceof Node || rule)) {
    throw new ValidationError({
      ...at,
      expected: `an Ensemble, its neurons, a Node${side === "pre" ? "" : ", a learning rule"}, or a view of one`,
      got: objectName(given),
    });
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
  if (object instanceof LearningRule) return { fix: `${object.learningRuleType.type} takes no error` };
  if (object instanceof Node && side === "post") return { fix: "Give the Node {sizeIn}" };
  if (object instanceof Node && object.kind === "function") return { fix: "Its function returns nothing" };
  return {};
}
