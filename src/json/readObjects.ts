import { checkSeed } from "../declared.ts";
import { describe } from "../errors.ts";
import type {
  Connection,
  ConnectionOptions,
  Ensemble,
  EnsembleOptions,
  FunctionLike,
  Network,
  Node,
  NodeOptions,
  NodeOutputLike,
  Probe,
  ProbeOptions,
} from "../network/index.ts";
import { Table } from "../processes/index.ts";
import { keysOf } from "./document.ts";
import type { FunctionTable } from "./functions.ts";
import type { IdTable } from "./ids.ts";
import { fields, member, within, wrong } from "./places.ts";
import { readEnd, readTarget } from "./readRef.ts";
import { hasType, readValue, readValues } from "./readValue.ts";

/** What the readers of all kinds of objects share. */
export interface ReadContext {
  readonly ids: IdTable;
  readonly functions: FunctionTable;
}

// Values that are left out stay undefined in the options, which means the default; their checks are those of the constructors.

export function readEnsemble({ ids }: ReadContext, network: Network, json: unknown, path: string): Ensemble {
  const { id, nNeurons, dimensions, ...rest } = fields(json, path, "an ensemble", keysOf.ensemble);
  const options = readValues(rest, path) as EnsembleOptions;
  return ids.made(
    id,
    within(path, () => network.ensemble(nNeurons as number, dimensions as number, options)),
  );
}

export function readNode(context: ReadContext, network: Network, json: unknown, path: string): Node {
  const { id, seed, output, ...options } = fields(json, path, "a node", keysOf.node);
  // Nothing in a Node is drawn, so the seed has no effect.
  within(path, () => checkSeed("Node", seed));
  const given = readOutput(context, output ?? null, member(path, "output"));
  const node = within(path, () => network.node(given, options as NodeOptions));
  if (given instanceof Table && node.sizeOut !== given.defaultSizeOut)
    throw wrong(member(path, "sizeOut"), `${given.defaultSizeOut}, the size of its rows`, String(node.sizeOut));
  return context.ids.made(id, node);
}

function readOutput({ functions }: ReadContext, json: unknown, path: string): NodeOutputLike {
  if (json === null) return null;
  if (!hasType(json)) throw wrong(path, "null, or an object with a type: constant, table, function or a process", describe(json));
  switch (json.type) {
    case "constant": {
      const { value } = fields(json, path, "a constant", ["type", "value"]);
      if (!Array.isArray(value)) throw wrong(member(path, "value"), "a list of numbers", describe(value));
      return value as number[];
    }
    case "table": {
      const { values } = fields(json, path, "a table", ["type", "values"]);
      return within(path, () => new Table({ values: values as number[][] }));
    }
    case "function":
      return readFunction(functions, json, path) as NodeOutputLike;
    default:
      return readValue(json, path) as NodeOutputLike;
  }
}

function readFunction(functions: FunctionTable, json: unknown, path: string): unknown {
  const { name } = fields(json, path, "a function by name", ["type", "name"]);
  const fn = typeof name === "string" ? functions.find(name) : undefined;
  if (fn === undefined)
    throw wrong(
      member(path, "name"),
      "the name of a function that is given or registered",
      describe(name),
      "Give it in options.functions, or use registerFunction",
    );
  return fn;
}

export function readConnection({ ids, functions }: ReadContext, network: Network, json: unknown, path: string): Connection {
  const {
    id,
    pre,
    post,
    sizeMid,
    function: computed,
    transform,
    learningRuleType,
    ...rest
  } = fields(json, path, "a connection", keysOf.connection);
  const [from, to] = [readEnd(pre, member(path, "pre"), ids), readEnd(post, member(path, "post"), ids)];
  const none = hasType(transform) && transform.type === "NoTransform";
  const options = {
    ...readValues(rest, path),
    function: readComputed(functions, computed, member(path, "function")),
    transform: none ? null : readValue(transform, member(path, "transform")),
    // Not even named where there is none.
    ...(learningRuleType === undefined || learningRuleType === null
      ? {}
      : { learningRuleType: readValue(learningRuleType, member(path, "learningRuleType")) }),
  } as ConnectionOptions;
  const connection = within(path, () => network.connect(from, to, options));
  checkSizeMid(connection, sizeMid, member(path, "sizeMid"));
  if (none) {
    const place = member(path, "transform");
    checkSizeMid(connection, fields(transform, place, "no transform", ["type", "sizeIn"]).sizeIn, member(place, "sizeIn"));
  }
  return ids.made(id, connection);
}

function checkSizeMid(connection: Connection, given: unknown, path: string): void {
  if (given !== undefined && given !== null && given !== connection.sizeMid)
    throw wrong(path, `${connection.sizeMid}, the size of pre's value or of the function's`, describe(given));
}

function readComputed(functions: FunctionTable, json: unknown, path: string): FunctionLike | undefined {
  if (json === undefined || json === null) return json;
  if (!hasType(json) || (json.type !== "points" && json.type !== "function"))
    throw wrong(
      path,
      "null, or an object with the type points or function",
      hasType(json) ? `the type ${describe(json.type)}` : describe(json),
    );
  if (json.type === "function") return readFunction(functions, json, path) as FunctionLike;
  const { values } = fields(json, path, "values at evaluation points", ["type", "values"]);
  if (!Array.isArray(values)) throw wrong(member(path, "values"), "a list of rows", describe(values));
  return values as number[][];
}

export function readProbe({ ids }: ReadContext, network: Network, json: unknown, path: string): Probe {
  const { id, target, ...rest } = fields(json, path, "a probe", keysOf.probe);
  const object = readTarget(target, member(path, "target"), ids);
  const options = readValues(rest, path) as ProbeOptions;
  return ids.made(
    id,
    within(path, () => network.probe(object, options)),
  );
}
