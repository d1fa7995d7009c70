import { BuildError } from "../errors.ts";
import { input } from "../expr/expr.ts";
import type { ElementwiseOperator, Operator } from "../ir/operators.ts";
import { alongColumns, alongRows, outerProduct, outerWithDecay } from "../ir/outer.ts";
import { operand, range, Signal, type Operand, type Range, type ParameterRole } from "../ir/signal.ts";
import type { Change, LearningRuleType, LearningSource } from "../learning/learningRuleType.ts";
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
  const vectors = new Vectors(change, target, name, signal);
  // The vectors are kept for the next step, which costs one pass over the matrix instead of three, unless the change itself is
  // looked at, or the matrix may be another by then.
  const alone = change.decay === null || model.learned.get(ownerOf(building)) === 1;
  const asWhole = !alone || model.probedRules.has(rule);
  const increment = (): Operator => (asWhole ? addition(delta, target, name) : vectors.increment());
  model.add({
    ...noRoles,
    label,
    reads: type.reads.map((key) => (key === "target" ? target : sources[key].touched)),
    updates: [delta, ...states],
    lower: () => [...operators, ...(asWhole ? vectors.whole(delta) : vectors.keep())],
  });
}

/** Whose parameter the rule changes. */
const ownerOf = ({ type, connection }: Building): object => (type.modifies === "encoders" ? connection.postObject : connection);

/** The signal of the learned matrix `[rows, columns]`. */
function targetOf(building: Building): Signal {
  const { model, rule, type, name } = building;
  const role: ParameterRole = type.modifies === "encoders" ? "scaledEncoders" : "weights";
  const target = model.signal(ownerOf(building), role, name);
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

/** A learned matrix, stored by columns. */
const matrixOf = (signal: Signal): Operand => ({ signal, offset: 0, strides: [1, signal.shape[0]] });

const changed = input("delta");

/** Adds a change that was computed as a whole. */
const addition = (delta: Signal, target: Signal, origin: string): ElementwiseOperator => ({
  kind: "elementwise",
  origin,
  shape: [target.size],
  inputs: { delta: operand(range(delta)) },
  constants: {},
  outputs: [{ operand: operand(range(target)), role: "inc", expr: changed }],
  differentiable: false,
});

/** The vectors of a change, and what is made of them. */
class Vectors {
  private readonly change: Change;
  private readonly target: Signal;
  private readonly origin: string;
  private readonly row: Signal;
  private readonly column: Signal;
  private readonly decay: Signal | null;

  constructor(change: Change, target: Signal, origin: string, signal: (key: string, shape: readonly number[]) => Signal) {
    this.change = change;
    this.target = target;
    this.origin = origin;
    const [rows, columns] = target.shape;
    this.row = signal("row", [rows]);
    this.column = signal("column", [columns]);
    this.decay = change.decay === null ? null : signal("decay", [rows]);
  }

  /** Operators that keep them for the next step. */
  keep(): Operator[] {
    const { column } = this.change;
    const { origin } = this;
    return [
      ...this.factors("update"),
      { kind: "copy", origin, source: { ...column, index: null }, target: { ...range(this.column), index: null }, role: "update" },
    ];
  }

  /** Adds the change that they make up to the learned matrix. */
  increment(): Operator {
    return this.product(this.target, range(this.column), "inc");
  }

  /** Operators that compute the change as a whole. */
  whole(delta: Signal): Operator[] {
    return [...this.factors("set"), this.product(delta, this.change.column, "update")];
  }

  private factors(role: "set" | "update"): Operator[] {
    const { row, decay } = this.change;
    const factors = decay === null ? [[row, this.row] as const] : ([[row, this.row] as const, [decay, this.decay!] as const] as const);
    return factors.map(([{ expr, inputs, constants }, into]) => ({
      kind: "elementwise",
      origin: this.origin,
      shape: [into.size],
      inputs: Object.fromEntries(Object.entries(inputs).map(([key, from]) => [key, operand(from, from.length < into.size)])),
      constants,
      outputs: [{ operand: operand(range(into)), role, expr }],
      differentiable: false,
    }));
  }

  private product(into: Signal, column: Range, role: "inc" | "update"): ElementwiseOperator {
    const vectors = { y: alongRows(range(this.row)), x: alongColumns(column) };
    const { decay } = this;
    return {
      kind: "elementwise",
      origin: this.origin,
      shape: this.target.shape,
      inputs: decay === null ? vectors : { ...vectors, s: alongRows(range(decay)), W: matrixOf(this.target) },
      constants: {},
      outputs: [{ operand: matrixOf(into), role, expr: decay === null ? outerProduct : outerWithDecay }],
      differentiable: false,
    };
  }
}
