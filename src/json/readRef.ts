import { describe } from "../errors.ts";
import { Connection, Ensemble, LearningRule, Node, type Connectable } from "../network/index.ts";
import { keysOf } from "./document.ts";
import type { IdTable } from "./ids.ts";
import { fields, member, within, wrong } from "./places.ts";

/** What a connection starts from or ends at. */
export function readEnd(json: unknown, path: string, ids: IdTable): Connectable {
  const target = readRef(json, path, ids, "an ensemble or node");
  if (target instanceof Connection) throw wrong(path, "an ensemble, its neurons, a node, or a learning rule", String(target));
  return target;
}

/** What a probe looks at. */
export const readTarget = (json: unknown, path: string, ids: IdTable): Connectable | Connection =>
  readRef(json, path, ids, "an ensemble, node or connection");

function readRef(json: unknown, path: string, ids: IdTable, what: string): Connectable | Connection {
  const { id, attribute, rule, slice, indices } = fields(json, path, `a reference {id} to ${what}`, keysOf.ref);
  const object = ids.find(id, member(path, "id"), what);
  if (!(object instanceof Ensemble || object instanceof Node || object instanceof Connection))
    throw wrong(member(path, "id"), `the id of ${what}`, String(object));
  const place = member(path, "attribute");
  if (attribute !== "learningRule" && rule !== undefined)
    throw wrong(member(path, "rule"), "none without the attribute learningRule", describe(rule));
  if (attribute !== undefined && attribute !== null && attribute !== "neurons" && attribute !== "learningRule")
    throw wrong(place, '"neurons" or "learningRule"', describe(attribute));
  if (attribute === "neurons" && !(object instanceof Ensemble))
    throw wrong(place, "none, for only ensembles have neurons", describe(attribute));
  const whole =
    attribute === "neurons" ? (object as Ensemble).neurons : attribute === "learningRule" ? readRule(object, rule, path) : object;
  const [sliced, picked] = [slice !== undefined && slice !== null, indices !== undefined && indices !== null];
  if (!sliced && !picked) return whole;
  if (sliced && picked) throw wrong(member(path, "indices"), "either slice or indices", "both");
  if (whole instanceof Connection)
    throw wrong(member(path, sliced ? "slice" : "indices"), "none for a connection", describe(sliced ? slice : indices));
  if (picked) return within(path, () => whole.pick(checkList(indices, member(path, "indices"))), { pick: "indices" });
  return within(path, () => whole.slice(...checkSlice(slice, member(path, "slice"))));
}

/** The learning rule of a connection; which one, where there is a list (by place) or an object (by name) of them. */
function readRule(connection: unknown, key: unknown, path: string): LearningRule {
  if (!(connection instanceof Connection) || connection.learningRule === null)
    throw wrong(member(path, "attribute"), "a connection with a learning rule", String(connection));
  const { learningRule } = connection;
  const place = member(path, "rule");
  if (learningRule instanceof LearningRule) {
    if (key !== undefined && key !== null) throw wrong(place, "none, for the connection has one learning rule", describe(key));
    return learningRule;
  }
  const known = Object.keys(learningRule);
  const found = typeof key === (Array.isArray(learningRule) ? "number" : "string") && known.includes(String(key));
  if (!found) throw wrong(place, `one of ${known.join(", ")}`, describe(key));
  return (learningRule as Readonly<Record<string, LearningRule>>)[String(key)];
}

function checkList(value: unknown, path: string): readonly number[] {
  if (!Array.isArray(value) || !value.every(Number.isInteger)) throw wrong(path, "a list of integers", describe(value));
  return value as number[];
}

/** Python's start, stop and step. */
function checkSlice(value: unknown, path: string): [number | null, number | null, number] {
  if (!Array.isArray(value) || value.length !== 3 || !value.every((bound) => bound === null || Number.isInteger(bound))) {
    throw wrong(path, "[start, stop, step], integers or null", describe(value));
  }
  const [start, stop, step] = value as (number | null)[];
  return [start!, stop!, step ?? 1];
}
