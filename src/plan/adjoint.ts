import { vjp } from "../expr/derivative.ts";
import { constant, input, inputsOf, nodesOf, replace, valueOf, type Expr } from "../expr/expr.ts";
import {
  accesses,
  type ConvolveOperator,
  type CopyOperator,
  type ElementwiseOperator,
  type FirOperator,
  type MatmulOperator,
  type Operator,
  type SparseMatmulOperator,
} from "../ir/operators.ts";
import { alongColumns, alongRows, outerProduct } from "../ir/outer.ts";
import type { Program } from "../ir/program.ts";
import { operand, range, Signal, type Operand, type Range } from "../ir/signal.ts";
import { keptSignals } from "./keptSignals.ts";
import { reach, stopsGradient } from "./reach.ts";
import { simplify } from "./simplify.ts";

/*
 * (Longer than most files: one derivation an operator, which share the bookkeeping of gradients and tape.)
 *
 * The adjoint of a program is a program. Running it from the last step to the first gives the gradient of what was
 * recorded with respect to what was fed and to parameters, by the same kernels as any other program.
 *
 * For a signal s, `d(s)` is the gradient with respect to its value at the end of the present step. Where readers see the
 * value of the step before (s is updated, or the reader itself sets it), the gradient goes to `next(s)`, which becomes
 * `d(s)` of the step before. Values that derivatives need come from a tape: the forward program records them, the
 * adjoint program is fed with them (`now`: this step's, `old`: the step before's).
 */

/** A value that the forward program records for the adjoint. */
export interface Taped {
  readonly signal: Signal;
  /** Slot of the forward program's record. */
  readonly slot: string;
  /** Slots under which the adjoint program is fed, with the value after this step or the one before. */
  readonly now: string | null;
  readonly old: string | null;
}

export interface Adjoint {
  /** The program with records of the tape. */
  readonly forward: Program;
  /** To be run from the last step to the first. */
  readonly backward: Program;
  readonly tape: readonly Taped[];
  /** Gradients of per-item states with respect to their initial value: signals of the backward program. */
  readonly states: ReadonlyMap<Signal, Signal>;
  /** Gradients of parameters: shared signals of the backward program, zero at its start. */
  readonly parameters: ReadonlyMap<Signal, Signal>;
  /** Slots of fed nodes that have a gradient, recorded by the backward program under `d:<slot>`. */
  readonly feeds: ReadonlySet<string>;
}

export interface AdjointOptions {
  /** Parameters whose gradients are wanted. */
  readonly parameters: readonly Signal[];
  /** Slots of feeds whose gradients are wanted. */
  readonly feeds: readonly string[];
  /** Slots of records that have a gradient. */
  readonly records: readonly string[];
  /** Whether gradients of the initial state are wanted. */
  readonly initialState?: boolean;
}

/** Derives the adjoint of a program. */
export function adjointProgram(program: Program, options: AdjointOptions): Adjoint {
  return new Derivation(program, options).result();
}

const COSTLY = new Set(["exp", "expm1", "log", "log1p", "tanh", "sigmoid"]);
const isCostly = (e: Expr): boolean => nodesOf([e]).some(({ op }) => COSTLY.has(op));

class Derivation {
  private readonly program: Program;
  private readonly options: AdjointOptions;
  private readonly operators: readonly Operator[];
  /** Signals on a path from what is wanted to what is recorded. */
  private readonly active: ReadonlySet<Signal>;
  /** Signals that keep their value from step to step. */
  private readonly states: ReadonlySet<Signal>;
  private readonly updated: ReadonlySet<Signal>;
  /** How many operators write a signal. */
  private readonly writers = new Map<Signal, number>();
  /** Signals that are set or updated. */
  private readonly assigned: ReadonlySet<Signal>;
  private readonly fedSlots: ReadonlySet<string>;
  private readonly recordedSlots: ReadonlySet<string>;
  private readonly gradients = new Map<Signal, Signal>();
  private readonly next = new Map<Signal, Signal>();
  private readonly tape = new Map<Signal, { now: Signal | null; old: Signal | null }>();
  private readonly out: Operator[] = [];

  constructor(program: Program, options: AdjointOptions) {
    this.program = program;
    this.options = options;
    this.operators = simplify(program);
    const all = this.operators.map((op) => ({ op, access: accesses(op) }));
    this.updated = new Set(all.flatMap(({ access }) => access.updates.map((u) => u.signal)));
    for (const { access } of all) {
      const signals = new Set([...access.sets, ...access.incs, ...access.updates].map((a) => a.signal));
      for (const signal of signals) this.writers.set(signal, (this.writers.get(signal) ?? 0) + 1);
    }
    const set = new Set(all.flatMap(({ access }) => access.sets.map((s) => s.signal)));
    this.states = keptSignals(this.operators);
    this.assigned = new Set([...this.updated, ...set]);
    this.fedSlots = new Set(options.feeds);
    this.recordedSlots = new Set(options.records);
    this.active = activeSignals(this.operators, options);
  }

  result(): Adjoint {
    const { dt, streams } = this.program;
    // In order of execution reversed; roles then give the exact order.
    for (const op of [...this.operators].reverse()) this.derive(op);
    for (const signal of this.gradients.keys()) this.carry(signal);
    const taped = [...this.tape].map(([signal, { now, old }], k) => ({
      signal,
      slot: `tape:${k}`,
      now,
      old,
      nowSlot: now === null ? null : `now:${k}`,
      oldSlot: old === null ? null : `old:${k}`,
    }));
    const records: Operator[] = taped.map(({ signal, slot }) => ({
      kind: "record",
      origin: `tape of ${signal.name}`,
      source: range(signal),
      slot,
      period: 1,
    }));
    const feeds: Operator[] = taped.flatMap(({ now, old, nowSlot, oldSlot }) =>
      (
        [
          [now, nowSlot],
          [old, oldSlot],
        ] as const
      ).flatMap(([signal, slot]) =>
        signal === null ? [] : [{ kind: "feed" as const, origin: signal.name, target: range(signal), slot, stream: null }],
      ),
    );
    const parameters = new Map(
      this.options.parameters.flatMap((p) => (this.gradients.has(p) ? [[p, this.gradients.get(p)!] as const] : [])),
    );
    const states = new Map([...this.gradients].filter(([s]) => this.options.initialState === true && s.perItem && this.states.has(s)));
    const fedSlots = new Set(this.out.flatMap((op) => (op.kind === "record" ? [op.slot.slice(2)] : [])));
    return {
      forward: { ...this.program, operators: [...this.operators, ...records] },
      backward: { dt, streams, operators: [...feeds, ...this.out], results: [...parameters.values(), ...states.values()] },
      tape: taped.map(({ signal, slot, nowSlot, oldSlot }) => ({ signal, slot, now: nowSlot, old: oldSlot })),
      states,
      parameters,
      feeds: fedSlots,
    };
  }

  /** d(s), made when first needed. */
  private gradient(signal: Signal): Signal {
    let d = this.gradients.get(signal);
    if (d === undefined) {
      d = new Signal(`d ${signal.name}`, { shape: signal.shape, perItem: signal.perItem });
      this.gradients.set(signal, d);
    }
    return d;
  }

  /** Where the gradient of an operator's read goes. */
  private sink(signal: Signal, reader: Operator): Signal {
    if (!this.readsOld(signal, reader)) return this.gradient(signal);
    this.gradient(signal);
    let n = this.next.get(signal);
    if (n === undefined) {
      n = new Signal(`next d ${signal.name}`, { shape: signal.shape, perItem: true });
      this.next.set(signal, n);
    }
    return n;
  }

  private readsOld(signal: Signal, reader: Operator): boolean {
    return this.updated.has(signal) || accesses(reader).sets.some((s) => s.signal === signal);
  }

  /** The value that an operator read: shared signals as they are, others from the tape. */
  private value(signal: Signal, reader: Operator): Signal {
    if (!signal.perItem) return signal;
    return this.taped(signal, this.readsOld(signal, reader) ? "old" : "now");
  }

  private taped(signal: Signal, which: "now" | "old"): Signal {
    let taped = this.tape.get(signal);
    if (taped === undefined) this.tape.set(signal, (taped = { now: null, old: null }));
    return (taped[which] ??= new Signal(`${which} ${signal.name}`, { shape: signal.shape, perItem: true }));
  }

  /** Clears d(s) at every step, or hands over what goes to the step before. */
  private carry(signal: Signal): void {
    const d = this.gradient(signal);
    const origin = d.name;
    if (!signal.perItem) return;
    const zero = (target: Signal): void => void this.out.push({ kind: "set", origin, target: range(target), value: 0 });
    if (!this.states.has(signal)) {
      zero(d);
      return;
    }
    const next = this.next.get(signal);
    if (next !== undefined) {
      zero(next);
      this.out.push({
        kind: "copy",
        origin,
        source: { ...range(next), index: null },
        target: { ...range(d), index: null },
        role: "update",
      });
    } else if (this.assigned.has(signal)) {
      // Written anew at every step from other signals only: nothing reaches the step before.
      const nothing = new Signal(`next d ${signal.name}`, { shape: signal.shape, perItem: true });
      this.out.push({
        kind: "copy",
        origin,
        source: { ...range(nothing), index: null },
        target: { ...range(d), index: null },
        role: "update",
      });
    }
  }

  private derive(op: Operator): void {
    switch (op.kind) {
      case "record":
        this.deriveRecord(op);
        break;
      case "feed":
        if (op.slot !== null && this.fedSlots.has(op.slot) && this.active.has(op.target.signal)) {
          this.out.push({
            kind: "record",
            origin: op.origin,
            source: this.moved(op.target, this.gradient(op.target.signal)),
            slot: `d:${op.slot}`,
            period: 1,
          });
        }
        break;
      case "copy":
        this.deriveCopy(op);
        break;
      case "elementwise":
        this.deriveElementwise(op);
        break;
      case "matmul":
        this.deriveMatmul(op);
        break;
      case "sparseMatmul":
        this.deriveSparse(op);
        break;
      case "convolve":
        this.deriveConvolve(op);
        break;
      case "fir":
        this.deriveFir(op);
        break;
      case "host":
        // A fed Node of a user's function has the gradient of its data.
        if (op.slot !== null && this.fedSlots.has(op.slot) && this.active.has(op.outputs[0].range.signal)) {
          const { range: target } = op.outputs[0];
          this.out.push({
            kind: "record",
            origin: op.origin,
            source: this.moved(target, this.gradient(target.signal)),
            slot: `d:${op.slot}`,
            period: 1,
          });
        }
        break;
      case "set":
      case "draw":
      case "tensor":
      case "time":
        break;
    }
  }

  private moved<T extends Range | Operand>(place: T, signal: Signal): T {
    return { ...place, signal };
  }

  private deriveRecord(op: Extract<Operator, { kind: "record" }>): void {
    const { signal } = op.source;
    if (!this.recordedSlots.has(op.slot) || !this.active.has(signal) || !signal.perItem) return;
    const fed = new Signal(`d ${op.origin}`, { shape: [op.source.length], perItem: true });
    this.out.push({ kind: "feed", origin: op.origin, target: range(fed), slot: `d:${op.slot}`, stream: null });
    this.out.push({
      kind: "copy",
      origin: op.origin,
      source: { ...range(fed), index: null },
      target: { ...this.moved(op.source, this.gradient(signal)), index: op.index ?? null },
      role: "inc",
    });
  }

  private deriveCopy(op: CopyOperator): void {
    const [s, t] = [op.source.signal, op.target.signal];
    if (!this.active.has(s) || !this.active.has(t)) return;
    this.out.push({
      kind: "copy",
      origin: op.origin,
      source: this.moved(op.target, this.gradient(t)),
      target: this.moved(op.source, this.sink(s, op)),
      role: "inc",
    });
  }

  private deriveElementwise(op: ElementwiseOperator): void {
    if (!op.differentiable) return;
    const outputs = op.outputs.filter((o) => this.active.has(o.operand.signal));
    const wanted = Object.entries(op.inputs).filter(([, o]) => this.active.has(o.signal));
    if (outputs.length === 0 || wanted.length === 0) return;
    const cotangents = outputs.map((_, k) => `d${k}`);
    const slopes = vjp(
      outputs.map((o) => o.expr),
      cotangents.map((name) => input(name)),
      wanted.map(([name]) => name),
    );
    const zero = constant(0);
    const results = wanted.flatMap(([, o], k) =>
      slopes[k] === zero ? [] : [{ operand: this.moved(o, this.sink(o.signal, op)), expr: slopes[k] }],
    );
    if (results.length === 0) return;
    // What the forward pass has computed at some cost is read, not computed again.
    const known: (readonly [string, Operand])[] = [];
    op.outputs.forEach(({ operand, role, expr }, k) => {
      const value = valueOf(expr);
      const { signal } = operand;
      if (role !== "set" || !signal.perItem || !isCostly(value) || this.writers.get(signal) !== 1) return;
      const name = `value${k}`;
      const read = results.map((r) => replace(r.expr, value, input(name)));
      if (read.every((e, j) => e === results[j].expr)) return;
      read.forEach((e, j) => (results[j].expr = e));
      known.push([name, this.moved(operand, this.taped(signal, "now"))]);
    });
    const used = new Set(inputsOf(results.map((r) => r.expr)));
    const values = [
      ...Object.entries(op.inputs).flatMap(([name, o]) =>
        used.has(name) ? [[name, this.moved(o, this.value(o.signal, op))] as const] : [],
      ),
      ...known,
    ];
    const gradients = outputs.flatMap((o, k) =>
      used.has(cotangents[k]) ? [[cotangents[k], this.moved(o.operand, this.gradient(o.operand.signal))] as const] : [],
    );
    this.out.push({
      kind: "elementwise",
      origin: op.origin,
      shape: op.shape,
      inputs: Object.fromEntries([...values, ...gradients]),
      constants: Object.fromEntries(Object.entries(op.constants).filter(([name]) => used.has(name))),
      outputs: results.map((r) => ({ ...r, role: "inc" })),
      differentiable: false,
    });
  }

  private deriveMatmul(op: MatmulOperator): void {
    const { weights, x, y, origin } = op;
    if (!this.active.has(y.signal)) return;
    const dy = this.moved(y, this.gradient(y.signal));
    const [rowStride, columnStride] = weights.strides as readonly [number, number];
    if (this.active.has(x.signal)) {
      const transposed = { ...weights, signal: this.value(weights.signal, op), strides: [columnStride, rowStride] };
      this.out.push({
        kind: "matmul",
        origin,
        weights: transposed,
        x: dy,
        y: this.moved(x, this.sink(x.signal, op)),
        role: "inc",
        spikes: false,
      });
    }
    if (this.active.has(weights.signal)) {
      this.out.push({
        kind: "elementwise",
        origin,
        shape: [y.length, x.length],
        inputs: {
          y: alongRows(dy),
          x: alongColumns(this.moved(x, this.value(x.signal, op))),
        },
        constants: {},
        outputs: [{ operand: this.moved(weights, this.sink(weights.signal, op)), role: "inc", expr: outerProduct }],
        differentiable: false,
      });
    }
  }

  private deriveSparse(op: SparseMatmulOperator): void {
    const { weights, x, y, rows, columns, origin } = op;
    if (!this.active.has(y.signal)) return;
    const dy = this.moved(y, this.gradient(y.signal));
    if (this.active.has(x.signal)) {
      this.out.push({
        kind: "sparseMatmul",
        origin,
        rows: columns,
        columns: rows,
        weights: this.moved(weights, this.value(weights.signal, op)),
        x: dy,
        y: this.moved(x, this.sink(x.signal, op)),
        role: "inc",
      });
    }
    if (this.active.has(weights.signal)) {
      const entries = (from: Range, index: Int32Array, name: string): Operand => {
        const picked = new Signal(`${origin}.${name}`, { shape: [index.length], perItem: true });
        this.out.push({ kind: "copy", origin, source: { ...from, index }, target: { ...range(picked), index: null }, role: "set" });
        return operand(range(picked));
      };
      this.out.push({
        kind: "elementwise",
        origin,
        shape: [rows.length],
        inputs: { y: entries(dy, rows, "dy"), x: entries(this.moved(x, this.value(x.signal, op)), columns, "x") },
        constants: {},
        outputs: [{ operand: operand(this.moved(weights, this.sink(weights.signal, op))), role: "inc", expr: outerProduct }],
        differentiable: false,
      });
    }
  }

  private deriveConvolve(op: ConvolveOperator): void {
    // The three modes are each other's adjoints: of (input, filter, output), two are read and one is written.
    const places = { input: op.input, filter: op.filter, output: op.output };
    const modeOf = { output: "forward", input: "inputAdjoint", filter: "filterAdjoint" } as const;
    const target = op.mode === "forward" ? "output" : op.mode === "inputAdjoint" ? "input" : "filter";
    if (!this.active.has(places[target].signal)) return;
    for (const wanted of ["input", "filter", "output"] as const) {
      if (wanted === target || !this.active.has(places[wanted].signal)) continue;
      const place = (name: "input" | "filter" | "output"): Range => {
        const { signal } = places[name];
        return this.moved(
          places[name],
          name === target ? this.gradient(signal) : name === wanted ? this.sink(signal, op) : this.value(signal, op),
        );
      };
      this.out.push({
        kind: "convolve",
        origin: op.origin,
        mode: modeOf[wanted],
        geometry: op.geometry,
        input: place("input"),
        filter: place("filter"),
        output: place("output"),
        role: "inc",
      });
    }
  }

  private deriveFir(op: FirOperator): void {
    if (!this.active.has(op.input.signal) || !this.active.has(op.output.signal)) return;
    // Time runs backwards here, so that the same taps over later gradients are the transpose. (The buffer's initial
    // content has no gradient.)
    const buffer = new Signal(`d ${op.origin}.buffer`, { shape: [op.taps.length, op.input.length], perItem: true });
    this.out.push({
      kind: "fir",
      origin: op.origin,
      input: this.moved(op.output, this.gradient(op.output.signal)),
      output: this.moved(op.input, this.sink(op.input.signal, op)),
      buffer: range(buffer),
      taps: op.taps,
      role: "inc",
    });
  }
}

/** Signals that depend on something wanted and on which something recorded depends, over any number of steps. */
function activeSignals(operators: readonly Operator[], { parameters, feeds, records, initialState = false }: AdjointOptions): Set<Signal> {
  const differentiable = operators.filter((op) => !stopsGradient(op) && op.kind !== "tensor");
  const [fedSlots, recordedSlots] = [new Set(feeds), new Set(records)];
  const fed = operators.flatMap((op) => {
    if (op.kind === "feed" && op.slot !== null && fedSlots.has(op.slot)) return [op.target.signal];
    return op.kind === "host" && op.slot !== null && fedSlots.has(op.slot) ? op.outputs.map((o) => o.range.signal) : [];
  });
  const states = initialState
    ? operators.flatMap((op) => {
        const a = accesses(op);
        return [...a.updates, ...a.sets.filter((s) => a.reads.some((r) => r.signal === s.signal))].map((s) => s.signal);
      })
    : [];
  const from = reach(differentiable, [...parameters, ...fed, ...states], "forward");
  const recorded = operators.flatMap((op) => (op.kind === "record" && recordedSlots.has(op.slot) ? [op.source.signal] : []));
  const to = reach(differentiable, recorded, "backward");
  return new Set([...from].filter((s) => to.has(s)));
}
