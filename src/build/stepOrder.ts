import { BuildError } from "../errors.ts";
import { Precedence, Readiness, Together } from "../ir/precedence.ts";
import { Signal } from "../ir/signal.ts";
import { SignalView, type NengoOperator, type Touched } from "./nengoOperator.ts";

type RoleName = "sets" | "incs" | "reads" | "updates";

const baseOf = (t: Touched): Signal => (t instanceof Signal ? t : t.base);

function bounds(t: Touched): readonly [number, number] {
  if (t instanceof Signal) return [0, t.size];
  const last = t.start + (t.length - 1) * t.step;
  return [Math.min(t.start, last), Math.max(t.start, last) + 1];
}

/** Identical, or at least one is a view and the memory bounds intersect. */
function overlap(a: Touched, b: Touched): boolean {
  if (a === b) return true;
  if (!(a instanceof SignalView || b instanceof SignalView)) return false;
  const [[a0, a1], [b0, b1]] = [bounds(a), bounds(b)];
  return a0 < b1 && b0 < a1;
}

/** From so many touched parts of one signal on, they are looked up by place. */
const MANY = 32;
/** A part that covers more cells is looked at in every search. */
const WIDE = 8;

/** The touched parts of one signal, by the cells of a grid that they cover: an array of ensembles has as many parts as ensembles. */
class Grid {
  private readonly family: readonly Touched[];
  private readonly width: number;
  private readonly cells = new Map<number, number[]>();
  private readonly wide: number[] = [];

  constructor(base: Signal, family: readonly Touched[]) {
    this.family = family;
    this.width = Math.ceil(base.size / family.length);
    family.forEach((touched, index) => {
      const [first, last] = this.covered(touched);
      if (last - first >= WIDE) this.wide.push(index);
      else
        for (let cell = first; cell <= last; cell++) {
          const list = this.cells.get(cell);
          if (list === undefined) this.cells.set(cell, [index]);
          else list.push(index);
        }
    });
  }

  /** Parts that may overlap, in order of first appearance. */
  near(touched: Touched): readonly Touched[] {
    const [first, last] = this.covered(touched);
    if (last - first >= WIDE) return this.family;
    const found = new Set(this.wide);
    for (let cell = first; cell <= last; cell++) for (const index of this.cells.get(cell) ?? []) found.add(index);
    return [...found].sort((a, b) => a - b).map((index) => this.family[index]);
  }

  private covered(touched: Touched): readonly [number, number] {
    const [from, to] = bounds(touched);
    return [Math.floor(from / this.width), Math.floor(Math.max(from, to - 1) / this.width)];
  }
}

const NONE: readonly number[] = [];

/** Touched signals in order of first appearance, with the operators that touch them, and by base for finding overlaps. */
class RoleIndex {
  readonly operators = new Map<Touched, number[]>();
  readonly byBase = new Map<Signal, Touched[]>();
  private readonly grids = new Map<Signal, Grid>();

  constructor(operators: readonly NengoOperator[], roles: readonly RoleName[]) {
    operators.forEach((op, index) => {
      for (const role of roles) {
        for (const touched of op[role]) {
          const list = this.operators.get(touched);
          if (list !== undefined) {
            list.push(index);
            continue;
          }
          this.operators.set(touched, [index]);
          const base = baseOf(touched);
          const family = this.byBase.get(base);
          if (family === undefined) this.byBase.set(base, [touched]);
          else family.push(touched);
        }
      }
    });
  }

  of(touched: Touched): readonly number[] {
    return this.operators.get(touched) ?? NONE;
  }

  /** Others of the same base that overlap, in order of first appearance. */
  overlapping(touched: Touched): Touched[] {
    const base = baseOf(touched);
    const family = this.byBase.get(base) ?? [];
    return (family.length < MANY ? family : this.gridOf(base, family).near(touched)).filter(
      (other) => other !== touched && overlap(other, touched),
    );
  }

  private gridOf(base: Signal, family: readonly Touched[]): Grid {
    let grid = this.grids.get(base);
    if (grid === undefined) this.grids.set(base, (grid = new Grid(base, family)));
    return grid;
  }
}

/**
 * Nengo's step order: within a step every signal is set, then incremented, then read, then updated; ties are broken by
 * creation order through a first-in-first-out topological sort. The seeds of processes depend on it.
 * @throws BuildError for a cycle without a synapse, or a signal set or updated twice.
 */
export function stepOrder(operators: readonly NengoOperator[]): NengoOperator[] {
  const sets = new RoleIndex(operators, ["sets"]);
  const incs = new RoleIndex(operators, ["incs"]);
  const reads = new RoleIndex(operators, ["reads"]);
  const updates = new RoleIndex(operators, ["updates"]);
  // Written signals appear operator by operator: an operator's sets, then its incs.
  const writes = new RoleIndex(operators, ["sets", "incs"]);
  checkSingle(sets, operators, "set");
  checkSingle(updates, operators, "updated");

  const precedence = new Precedence(operators.length);
  const groups = new Map<readonly number[], Together>();
  const before = (indices: readonly RoleIndex[], touched: readonly Touched[]): Together[] => {
    const lists = touched.flatMap((t) => indices.map((index) => index.of(t))).filter((list) => list.length > 0);
    return [...new Set(lists)].map((list) => {
      let group = groups.get(list);
      if (group === undefined) groups.set(list, (group = new Together(list)));
      return group;
    });
  };
  for (const [s, ops] of incs.operators) precedence.add(before([sets], [s, ...sets.overlapping(s)]), ops);
  // An operator that adds to what it reads itself is a loop; one that updates what it reads is none.
  for (const [s, ops] of reads.operators) precedence.add(before([sets, incs], [s, ...writes.overlapping(s)]), ops, true);
  for (const [s, ops] of updates.operators)
    precedence.add(before([sets, incs, reads], [s, ...reads.overlapping(s), ...writes.overlapping(s)]), ops);
  return sort(operators, precedence);
}

/** First in, first out. */
function sort(operators: readonly NengoOperator[], precedence: Precedence): NengoOperator[] {
  const readiness = new Readiness(precedence);
  const queue = operators.flatMap((_, index) => (readiness.isFree(index) ? [index] : []));
  for (let head = 0; head < queue.length; head++) for (const to of readiness.done(queue[head])) queue.push(to);
  if (queue.length < operators.length) {
    const stuck = operators.filter((_, index) => !readiness.isFree(index)).map((op) => op.label);
    throw new BuildError(
      `Network: expected every loop of connections to hold a synapse, got a loop without one through ${stuck.slice(0, 6).join(", ")}${stuck.length > 6 ? ", ..." : ""}. Give one of its connections a synapse (0 is a delay of one step).`,
    );
  }
  return queue.map((index) => operators[index]);
}

function checkSingle(index: RoleIndex, operators: readonly NengoOperator[], word: string): void {
  for (const [touched, ops] of index.operators) {
    const others = [...ops.slice(1), ...index.overlapping(touched).flatMap((o) => index.of(o))];
    if (others.length === 0) continue;
    const names = [ops[0], ...others].map((i) => operators[i].label);
    throw new BuildError(
      `Signal "${baseOf(touched).name}": expected to be ${word} by one operator in a step, got ${names.join(" and ")}. Connect them through a Node, which adds them up.`,
    );
  }
}
