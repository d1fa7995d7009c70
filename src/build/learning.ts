import { BuildError } from "../errors.ts";
import { input } from "../expr/expr.ts";
import type { ElementwiseOperator, Operator } from "../ir/operators.ts";
import { range, Signal, type Operand, type Range, type ParameterRole } from "../ir/signal.ts";
import type { Change, LearningAxis, LearningRuleType, LearningSource } from "../learning/learningRuleType.ts";
import { Ensemble, Neurons, objectName, type Connection, type LearningRule } from "../network/index.ts";
import { rulesOf } from "../network/learningRules.ts";
import type { Model } from "./model.ts";
import { SignalView } from "./nengoOperator.ts";
import { noRoles, rangeOf, reset, slot, whole, type Slot } from "./operators.ts";
import { sliced } from "./sliced.ts";
import { filter } from "./synapse.ts";

/** Operators of a connection's learning rules, in Nengo's order. */
export function buildLearning(model: Model, connection: Connection): void {
  for (const rule of rulesOf(connection)) buildRule({ model, connection, rule, type: rule.learningRuleType, name: objectName(rule) });
}

interface Building {
  readonly model: Model;
  readonly connection: Connection;
  readonly rule: LearningRule;
  readonly type: LearningRuleType;
  readonly name: string;
}

/** What a rule computes in a step is added to the learned matrix at the start of the next one. */
function buildRule(building: Building): void {
  const { model, connection, rule, type, name } = building;
  const target = targetOf(building);
  const delta = model.register(rule, "delta", new Signal(`${name}.delta`, { shape: target.shape, perItem: true }));
  const label = `Sim${type.type} of ${objectName(connection)}`;
  // Lowered when all is built; then it is known whether anyone looks at the change itself.
  model.add({ ...noRoles, label: `Copy ${name}.delta`, reads: [delta], incs: [target], lower: () => [increment()] });
  const sources: Record<string, Slot> = {};
  for (const source of type.sources) sources[source.name] = makeSource(building, source, sources);
  model.learningSources.set(rule, sources);

  const states: Signal[] = [];
  const signal = (key: string, shape: readonly number[], initial?: Float64Array): Signal =>
    new Signal(`${name}.${key}`, { shape, perItem: true, ...(initial === undefined ? {} : { initial }) });
  const state = (key: string, shape: readonly number[], initial?: Float64Array): Signal => {
    const made = signal(key, shape, initial);
    states.push(made);
    return type.probeable.includes(key) ? model.register(rule, key, made) : made;
  };
  const { operators, change } = type.lower({
    dt: model.dt,
    sources: Object.fromEntries(Object.entries(sources).map(([key, from]) => [key, rangeOf(from)])),
    target: range(target),
    rows: target.shape[0],
    columns: target.shape[1],
    encoderScale: type.modifies === "encoders" ? encoderScale(building) : null,
    origin: label,
    state,
    scratch: signal,
    shared: (key, values) => new Signal(`${name}.${key}`, { shape: [values.length], perItem: false, initial: values }),
  });
  // A change that is a product of vectors is kept as those; adding it up then costs one pass over the matrix instead of three.
  const held = hold(building, change);
  const asWhole = (): boolean =>
    held === null || model.network.allProbes.some(({ object, attribute }) => object === rule && attribute === "delta");
  const increment = (): Operator =>
    held === null || asWhole() ? addition(delta, target, name) : overMatrix(held.change, target, target, "inc", name);
  model.add({
    ...noRoles,
    label,
    reads: type.reads.map((key) => (key === "target" ? target : sources[key].touched)),
    updates: [delta, ...states],
    lower: () => [...operators, ...(held === null || asWhole() ? [overMatrix(change, target, delta, "update", label)] : held.copies)],
  });
}

/** The signal of the learned matrix `[rows, columns]`. */
function targetOf({ model, connection, rule, type, name }: Building): Signal {
  const [owner, role]: [object, ParameterRole] =
    type.modifies === "encoders" ? [connection.postObject, "scaledEncoders"] : [connection, "weights"];
  const target = model.signal(owner, role, name);
  if (target.shape.length !== 2)
    throw new BuildError(
      `${name}: expected a matrix of weights to learn, got ${target.shape.length === 0 ? "a number" : "a vector"}. Give a matrix as transform.`,
    );
  return type.modifies === "encoders" ? model.register(rule, role, target) : target;
}

function makeSource(building: Building, source: LearningSource, made: Readonly<Record<string, Slot>>): Slot {
  const { model, connection, rule, name } = building;
  switch (source.kind) {
    case "pre":
    case "post": {
      const activities = source.kind === "pre" ? preActivities(building) : postActivities(building);
      return source.synapse === null ? activities : filter(model, source.synapse, activities, `${source.name} of ${name}`, "set");
    }
    case "error": {
      const error = new Signal(`${name}.${source.name}`, { shape: [rule.sizeIn], perItem: true });
      model.register(rule, "in", error);
      model.add(reset(error, source.initial));
      return whole(error);
    }
    case "localError":
      return connection.toNeurons ? localError(building, made.error) : made.error;
    case "input":
      return whole(model.signal(connection.postObject, "in", name));
  }
}

/** Activities of the neurons that the weights' columns belong to. */
function preActivities({ model, connection, name }: Building): Slot {
  const { preObject: pre, pre: given, preIndices } = connection;
  const neurons = pre instanceof Ensemble ? pre.neurons : pre;
  const output = model.signal(neurons, "out", name);
  return pre instanceof Neurons ? sliced(model, name, slot(output, preIndices, given)) : whole(output);
}

/** Activities of the neurons that the weights' rows belong to. */
function postActivities({ model, connection, name }: Building): Slot {
  const { postObject: post, post: given, postIndices } = connection;
  if (post instanceof Neurons) return sliced(model, name, slot(model.signal(post, "out", name), postIndices, given));
  return whole(model.signal((post as Ensemble).neurons, "out", name));
}

/** The error through the scaled encoders of post's neurons, one number for each of them. */
function localError({ model, connection, name }: Building, error: Slot): Slot {
  const { postObject: post, postIndices } = connection;
  const ensemble = post instanceof Neurons ? post.ensemble : (post as Ensemble);
  if (postIndices.kind === "list")
    throw new BuildError(
      `${name}: expected a slice of ${objectName(post)} where the connection ends at neurons, got a list of indices. Connect with slices, or a connection for each.`,
    );
  const encoders = model.signal(ensemble, "scaledEncoders", name);
  const [n, d] = encoders.shape as readonly [number, number];
  const { start, step, length } = postIndices;
  const rows = post instanceof Neurons;
  const local = new Signal(`${name}.local`, { shape: [rows ? length : n], perItem: true });
  const part: Operand = rows
    ? { signal: encoders, offset: start, strides: [step, n] }
    : { signal: encoders, offset: start * n, strides: [1, step * n] };
  // Nengo's slice of encoders is always a view, whose bounds are those of its (row-major) memory.
  const [from, to] = rows ? [start * d, (start + (length - 1) * step) * d + d] : [start, (n - 1) * d + start + (length - 1) * step + 1];
  const label = `DotInc ${name}.local`;
  model.add(reset(local));
  model.add({
    ...noRoles,
    label,
    incs: [local],
    reads: [new SignalView(encoders, Math.min(from, to - 1), 1, Math.abs(to - from)), error.touched],
    lower: () => [{ kind: "matmul", origin: label, weights: part, x: rangeOf(error), y: range(local), role: "inc", spikes: false }],
  });
  return whole(local);
}

/** gain / radius of the post ensemble's neurons. */
function encoderScale({ model, connection }: Building): Float64Array {
  const ensemble = connection.postObject as Ensemble;
  return model.ensembles.get(ensemble)!.gain!.data.map((gain) => gain / ensemble.radius);
}

const strides = (axis: LearningAxis, rows: number): readonly [number, number] =>
  axis === "row" ? [1, 0] : axis === "column" ? [0, 1] : axis === "both" ? [1, rows] : [0, 0];

/** A change written for every element of a matrix. */
function overMatrix(
  { expr, inputs, constants }: Change,
  { shape }: Signal,
  into: Signal,
  role: "inc" | "update",
  origin: string,
): ElementwiseOperator {
  const [rows] = shape;
  const place = (from: Range, axis: LearningAxis): Operand => ({ signal: from.signal, offset: from.offset, strides: strides(axis, rows) });
  return {
    kind: "elementwise",
    origin,
    shape,
    inputs: Object.fromEntries(Object.entries(inputs).map(([key, { range: from, axis }]) => [key, place(from, axis)])),
    constants,
    outputs: [{ operand: place(range(into), "both"), role, expr }],
    differentiable: false,
  };
}

const changed = input("delta");

const addition = (delta: Signal, target: Signal, origin: string): ElementwiseOperator =>
  overMatrix({ expr: changed, inputs: { delta: { range: range(delta), axis: "both" } }, constants: {} }, target, target, "inc", origin);

/** The values of a change kept for the next step; null where it depends on a whole matrix. */
function hold({ name }: Building, change: Change): { readonly change: Change; readonly copies: readonly Operator[] } | null {
  const entries = Object.entries(change.inputs);
  if (entries.some(([, { axis }]) => axis === "both")) return null;
  const kept = entries.map(([key, { range: from, axis }]) => {
    const signal = new Signal(`${name}.held.${key}`, { shape: [from.length], perItem: true });
    const copied: Operator = {
      kind: "copy",
      origin: name,
      source: { ...from, index: null },
      target: { ...range(signal), index: null },
      role: "update",
    };
    return { entry: [key, { range: range(signal), axis }] as const, copied };
  });
  return {
    change: { ...change, inputs: Object.fromEntries(kept.map(({ entry }) => entry)) },
    copies: kept.map(({ copied }) => copied),
  };
}
