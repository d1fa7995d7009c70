import { input, nodesOf, substitute, valueOf, type Expr } from "../expr/expr.ts";
import type { ElementwiseOperator, ElementwiseOutput, Operator } from "../ir/operators.ts";
import type { Precedence } from "../ir/precedence.ts";
import type { Operand, Signal } from "../ir/signal.ts";
import { dependencies } from "./dependencies.ts";

/** Operators looked at to find out whether another must run between two; beyond, they stay two. */
const SEARCH = 64;
/** Parts of an expression beyond which nothing is added to it. */
const LARGEST = 200;

const sameOperand = (a: Operand, b: Operand): boolean =>
  a.signal === b.signal && a.offset === b.offset && a.strides.length === b.strides.length && a.strides.every((s, d) => s === b.strides[d]);
const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((n, d) => n === b[d]);

/** The output of `first` that an input reads element by element; undefined where it reads what `first` does not write. */
function sourceOf(operand: Operand, first: ElementwiseOperator): ElementwiseOutput | "none" | "other" {
  const writers = first.outputs.filter((o) => o.operand.signal === operand.signal);
  if (writers.length === 0) return "none";
  const [only] = writers;
  return writers.length === 1 && only.role === "set" && operand.signal.perItem && sameOperand(only.operand, operand) ? only : "other";
}

/** Both operators as one, of which the second reads what the first writes; null where elements do not correspond. */
function joined(first: ElementwiseOperator, second: ElementwiseOperator): ElementwiseOperator | null {
  if (!sameShape(first.shape, second.shape)) return null;
  const written = new Set(first.outputs.map((o) => o.operand.signal));
  if (second.outputs.some((o) => written.has(o.operand.signal))) return null;
  const taken = new Set([...Object.keys(first.inputs), ...Object.keys(first.constants)]);
  const fresh = (name: string): string => {
    let own = name;
    while (taken.has(own)) own += "'";
    taken.add(own);
    return own;
  };
  const env: Record<string, Expr> = {};
  const inputs: Record<string, Operand> = { ...first.inputs };
  const constants: Record<string, number | Float64Array> = { ...first.constants };
  for (const [name, operand] of Object.entries(second.inputs)) {
    const source = sourceOf(operand, first);
    if (source === "other") return null;
    if (source !== "none") {
      env[name] = valueOf(source.expr);
      continue;
    }
    const own = fresh(name);
    env[name] = input(own);
    inputs[own] = operand;
  }
  for (const [name, value] of Object.entries(second.constants)) {
    const own = fresh(name);
    env[name] = input(own);
    constants[own] = value;
  }
  const outputs = [
    ...first.outputs.map((o) => ({ ...o, expr: valueOf(o.expr) })),
    ...second.outputs.map((o) => ({ ...o, expr: substitute(valueOf(o.expr), env) })),
  ];
  if (nodesOf(outputs.map((o) => o.expr)).length > LARGEST) return null;
  return {
    kind: "elementwise",
    origin: `${first.origin}, ${second.origin}`,
    shape: first.shape,
    inputs,
    constants,
    outputs,
    differentiable: false,
  };
}

/**
 * Puts elementwise operators together where the second reads, element by element, what the first sets (neurons and a filter of their
 * spikes): then memory is passed once. Their expressions are only put into one another, so values stay the same to the bit.
 */
export function fuse(operators: readonly Operator[]): readonly Operator[] {
  const setters = new Map<Signal, number[]>();
  operators.forEach((op, k) => {
    if (op.kind !== "elementwise") return;
    for (const { operand, role } of op.outputs) {
      if (role !== "set" || !operand.signal.perItem) continue;
      const list = setters.get(operand.signal);
      if (list === undefined) setters.set(operand.signal, [k]);
      else list.push(k);
    }
  });
  const candidates: { first: number; second: number; both: ElementwiseOperator }[] = [];
  const paired = new Set<number>();
  operators.forEach((op, second) => {
    if (op.kind !== "elementwise" || paired.has(second)) return;
    for (const { signal } of Object.values(op.inputs)) {
      const [first, ...more] = setters.get(signal) ?? [];
      if (first === undefined || more.length > 0 || first === second || paired.has(first)) continue;
      const both = joined(operators[first] as ElementwiseOperator, op);
      if (both === null) continue;
      candidates.push({ first, second, both });
      paired.add(first).add(second);
      return;
    }
  });
  if (candidates.length === 0) return operators;
  const before = predecessors(dependencies(operators));
  const out: (Operator | null)[] = [...operators];
  let changed = false;
  for (const { first, second, both } of candidates) {
    if (mustWait(before, first, second, paired)) continue;
    out[first] = both;
    out[second] = null;
    changed = true;
  }
  return changed ? fuse(out.filter((op) => op !== null)) : operators;
}

/** Who must come right before an operator, as a function; null where there are too many to look at. */
function predecessors(precedence: Precedence): (operator: number) => readonly number[] | null {
  const before = Array.from({ length: precedence.nodes }, (): number[] => []);
  before.forEach((_, node) => {
    const next = precedence.waitingFor(node);
    for (let k = 0; k < next.length; k += 2) before[next[k]].push(node);
  });
  return (operator) => {
    const found = [...before[operator]];
    // A gate stands for what opens it.
    for (let k = 0; k < found.length; k++) {
      if (found[k] >= precedence.count) found.push(...before[found[k]]);
      if (found.length > 16 * SEARCH) return null;
    }
    return found.filter((k) => k < precedence.count);
  };
}

/**
 * Whether something that must come before `second` must (or, by what is looked at, may) come after `first`. Another pair on the way
 * counts too: two pairs could each wait for the other.
 */
function mustWait(before: ReturnType<typeof predecessors>, first: number, second: number, paired: ReadonlySet<number>): boolean {
  const seen = new Set<number>([second]);
  const direct = before(second);
  if (direct === null) return true;
  const queue = direct.filter((k) => k !== first);
  while (queue.length > 0) {
    const k = queue.pop()!;
    if (k === first || seen.size > SEARCH || paired.has(k)) return true;
    if (seen.has(k)) continue;
    seen.add(k);
    const more = before(k);
    if (more === null) return true;
    queue.push(...more);
  }
  return false;
}
