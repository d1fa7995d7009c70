import { BuildError } from "../errors.ts";
import { accesses, type Operator, type Role } from "../ir/operators.ts";
import type { Signal } from "../ir/signal.ts";
import { components } from "./components.ts";
import { elementsWritten } from "./elementsWritten.ts";

/*
 * (Which operators must run step by step, and which can run once over all steps: where an operation costs the same for one number as
 * for a thousand, that decides what a run costs.)
 *
 * Within a step a signal has three values: at its start, as readers see it (after sets and increments), and at its end (after
 * updates). Operators and these values are nodes of a graph, in which the end of a step leads to the start of the next. What is on a
 * cycle runs step by step; all else runs over all steps at once.
 */

/** What runs over all steps at once. */
export type AtOnce =
  | { readonly kind: "operator"; readonly operator: Operator }
  /** The values at the starts of steps, from those at their ends. */
  | { readonly kind: "shift"; readonly signal: Signal };

export interface Stretch {
  /** Operators that run together step by step, first. */
  readonly loop: readonly Operator[];
  /** Signals whose value goes from step to step in that loop. */
  readonly carried: ReadonlySet<Signal>;
  /** In order, after the loop. */
  readonly atOnce: readonly AtOnce[];
}

export interface Timeline {
  readonly stretches: readonly Stretch[];
  /** Signals whose value at the end of a step is another than the one that readers see. */
  readonly updated: ReadonlySet<Signal>;
}

interface Versions {
  readonly start: number;
  /** Between sets and increments. */
  readonly set: number;
  readonly read: number;
  readonly end: number;
}

/** Nodes of a signal, its start first. */
const VERSIONS = 4;

/** Operators by role for one signal. */
interface Writers {
  readonly set: number[];
  readonly inc: number[];
  readonly update: number[];
}

/**
 * Divides a program's operators (without `time` and `record`) into loops and what needs none.
 * @param recorded - signals whose values at every step are asked for
 */
export function timelineOf(operators: readonly Operator[], recorded: ReadonlySet<Signal>): Timeline {
  const changing = changingShared(operators, recorded);
  const versions = new Map<Signal, Versions>();
  const signals: Signal[] = [];
  const writers = new Map<Signal, Writers>();
  const masks = new Map<Signal, Readonly<Record<Role, Uint8Array>>>();
  let nodes = operators.length;
  operators.forEach((op, index) => {
    if (op.kind === "tensor") throw new BuildError(`${op.origin}: expected a program without tensor nodes, got one. Split it first.`);
    for (const { signal, role, elements } of elementsWritten(op)) {
      if (!signal.perItem) continue;
      if (!versions.has(signal)) {
        versions.set(signal, { start: nodes, set: nodes + 1, read: nodes + 2, end: nodes + 3 });
        signals.push(signal);
        nodes += VERSIONS;
        writers.set(signal, { set: [], inc: [], update: [] });
        const mask = (): Uint8Array => new Uint8Array(signal.size);
        masks.set(signal, { set: mask(), inc: mask(), update: mask() });
      }
      writers.get(signal)![role].push(index);
      const mask = masks.get(signal)![role];
      elements((e) => (mask[e] = 1));
    }
  });
  const next: number[][] = Array.from({ length: nodes }, () => []);
  const edge = (from: number, to: number): void => void next[from].push(to);
  const updated = new Set<Signal>();
  for (const [signal, { start, set: isAllSet, read, end }] of versions) {
    const { set, inc, update } = writers.get(signal)!;
    const { set: isSet, inc: isInc, update: isUpdated } = masks.get(signal)!;
    for (const op of set) edge(op, isAllSet);
    edge(isAllSet, read);
    for (const op of inc) {
      edge(isAllSet, op);
      edge(op, read);
    }
    edge(end, start);
    if (isSet.some((s, e) => s === 0 && (isInc[e] === 1 || isUpdated[e] === 1))) {
      // Something of the step before is left; what adds to it belongs to the same loop.
      edge(start, read);
      for (const op of [...set, ...inc]) edge(start, op);
    }
    for (const op of update) edge(op, end);
    if (update.length > 0) updated.add(signal);
    if (isUpdated.some((u) => u === 0)) {
      edge(read, end);
      for (const op of update) edge(read, op);
    } else if (update.length > 1) for (const op of update) edge(read, op);
  }
  if (changing) return { stretches: [{ loop: operators, carried: new Set(signals), atOnce: [] }], updated };
  operators.forEach((op, index) => {
    const { reads, sets } = accesses(op);
    const own = new Set(sets.map((s) => s.signal));
    const read = op.kind === "fir" ? [...reads, { signal: op.buffer.signal }] : reads;
    for (const { signal } of read) {
      const of = versions.get(signal);
      if (of !== undefined) edge(own.has(signal) ? of.start : of.read, index);
    }
  });
  // Users' functions may know of each other: with several of them, each step calls all.
  const functions = operators.flatMap((op, index) => (op.kind === "host" && op.call.kind === "function" ? [index] : []));
  if (functions.length > 1) functions.forEach((op, k) => edge(op, functions[(k + 1) % functions.length]));
  return { stretches: stretchesOf(operators, signals, next), updated };
}

/**
 * Whether shared signals are more than constants and sums over the run (gradients of parameters): then each step must see what they
 * are at that step, and all runs step by step.
 */
function changingShared(operators: readonly Operator[], recorded: ReadonlySet<Signal>): boolean {
  const read = new Set(operators.flatMap((op) => accesses(op).reads.map((r) => r.signal)));
  return operators.some((op) => {
    const { sets, incs, updates } = accesses(op);
    const seen = incs.filter(({ signal }) => read.has(signal) || recorded.has(signal));
    return [...sets, ...updates, ...seen].some(({ signal }) => !signal.perItem);
  });
}

/** Loops that do not wait for each other run as one. */
function stretchesOf(operators: readonly Operator[], signals: readonly Signal[], next: readonly (readonly number[])[]): Stretch[] {
  const { order, of } = components(next);
  const level = new Int32Array(order.length);
  const loops = order.map((members) => members.length > 1 || next[members[0]].includes(members[0]));
  const stretches: { loop: number[]; carried: Set<Signal>; atOnce: AtOnce[] }[] = [];
  order.forEach((members, component) => {
    if (loops[component]) level[component]++;
    for (const from of members)
      for (const to of next[from]) if (of[to] !== component) level[of[to]] = Math.max(level[of[to]], level[component]);
    while (stretches.length <= level[component]) stretches.push({ loop: [], carried: new Set(), atOnce: [] });
    const stretch = stretches[level[component]];
    for (const node of members) {
      const version = node - operators.length;
      if (version < 0) {
        if (loops[component]) stretch.loop.push(node);
        else stretch.atOnce.push({ kind: "operator", operator: operators[node] });
      } else if (version % VERSIONS === 0) {
        const signal = signals[version / VERSIONS];
        if (loops[component]) stretch.carried.add(signal);
        else if (next[node].length > 0) stretch.atOnce.push({ kind: "shift", signal });
      }
    }
  });
  return stretches.map(({ loop, carried, atOnce }) => ({ loop: loop.sort((a, b) => a - b).map((k) => operators[k]), carried, atOnce }));
}
