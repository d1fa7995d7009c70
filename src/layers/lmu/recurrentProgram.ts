import { blockOf, type StageBlock } from "../../engines/blocks.ts";
import type { Expr } from "../../expr/expr.ts";
import * as expr from "../../expr/index.ts";
import type { Operator } from "../../ir/operators.ts";
import type { Program } from "../../ir/program.ts";
import { range, Signal, type Range } from "../../ir/signal.ts";

/** A memory, a simple hidden cell, or both, over time; what depends on inputs alone is fed. */
export interface RecurrentParts {
  readonly memory: {
    readonly memoryD: number;
    readonly order: number;
    /** Whether A and B train. */
    readonly trained: boolean;
    readonly memoryToMemory: boolean;
    /** Whether what goes to itself is multiplied by given factors. */
    readonly dropped: boolean;
  } | null;
  readonly hidden: {
    readonly units: number;
    readonly recurrent: boolean;
    readonly activation: Expr;
    /** With a memory only. */
    readonly hiddenToMemory: boolean;
    readonly dropped: boolean;
  } | null;
}

export interface RecurrentProgram {
  readonly program: Program;
  /** `u`: into the memories, `[memoryD]`; `z`: into the hidden units, `[units]`. */
  readonly fed: readonly string[];
  /** `m`, `[memoryD * order]`; `h`, `[units]`. */
  readonly recorded: readonly string[];
  /** Names of the blocks, in order, among `A`, `B`, `R` (memory to memory), `K` (hidden to memory), `W` (memory to hidden), `U`. */
  readonly names: readonly string[];
  readonly blocks: readonly StageBlock[];
  /** `m`, `h`, then factors `dropped m`, `dropped h`, which stay as they are. */
  readonly states: readonly Signal[];
}

const along = ({ signal, offset }: Range, strides: readonly number[]) => ({ signal, offset, strides });

/**
 * A step: `u += m R + h K`; `m = A m + B u` for each memory; `z += m W + h U`; `h = activation(z)`. Kernels are `[inputs, outputs]`,
 * row-major, as tfjs has them.
 */
export function recurrentProgram({ memory, hidden }: RecurrentParts): RecurrentProgram {
  const operators: Operator[] = [];
  const blocks: { name: string; block: StageBlock }[] = [];
  const states: Signal[] = [];
  const factors: Signal[] = [];
  const perItem = (name: string, size: number): Signal => new Signal(name, { shape: [size], perItem: true });
  const weights = (name: string, shape: number[], trainable = true): Signal => {
    const signal = new Signal(name, { shape, perItem: false, parameter: { role: "weights", owner: {}, trainable } });
    blocks.push({ name, block: blockOf(signal, trainable) });
    return signal;
  };
  const product = (kernel: Signal, from: Range, to: Range, role: "inc" | "set" = "inc"): void => {
    const strides = [1, to.length];
    operators.push({ kind: "matmul", origin: kernel.name, weights: along(range(kernel), strides), x: from, y: to, role, spikes: false });
  };
  const feed = (signal: Signal, slot: string): void => {
    operators.push({ kind: "feed", origin: slot, target: range(signal), slot, stream: null });
  };
  const masked = (state: Signal, dropped: boolean): Signal => {
    if (!dropped) return state;
    const factor = perItem(`dropped ${state.name}`, state.size);
    const out = perItem(`${state.name} after dropout`, state.size);
    factors.push(factor);
    operators.push({
      kind: "elementwise",
      origin: "dropout",
      shape: [state.size],
      inputs: { x: along(range(state), [1]), f: along(range(factor), [1]) },
      constants: {},
      outputs: [{ operand: along(range(out), [1]), role: "set", expr: expr.mul(expr.input("x"), expr.input("f")) }],
      differentiable: true,
    });
    return out;
  };

  const h = hidden === null ? null : perItem("h", hidden.units);
  let present: Signal | null = null;
  if (memory !== null) {
    const { memoryD, order } = memory;
    const size = memoryD * order;
    const [u, m] = [perItem("u", memoryD), perItem("m", size)];
    const after = perItem("m after", size);
    states.push(m);
    feed(u, "u");
    if (memory.memoryToMemory) product(weights("R", [size, memoryD]), range(masked(m, memory.dropped)), range(u));
    if (hidden?.hiddenToMemory === true) product(weights("K", [hidden.units, memoryD]), range(masked(h!, hidden.dropped)), range(u));
    const [A, B] = [weights("A", [order, order], memory.trained), weights("B", [order], memory.trained)];
    for (let d = 0; d < memoryD; d++) product(A, range(m, d * order, order), range(after, d * order, order), "set");
    operators.push({
      kind: "elementwise",
      origin: "B",
      shape: [memoryD, order],
      inputs: { b: along(range(B), [0, 1]), u: along(range(u), [1, 0]) },
      constants: {},
      outputs: [{ operand: along(range(after), [order, 1]), role: "inc", expr: expr.mul(expr.input("b"), expr.input("u")) }],
      differentiable: true,
    });
    operators.push({
      kind: "copy",
      origin: "memory",
      source: { ...range(after), index: null },
      target: { ...range(m), index: null },
      role: "update",
    });
    operators.push({ kind: "record", origin: "memory", source: range(after), slot: "m", period: 1 });
    present = after;
  }
  if (hidden !== null && h !== null) {
    const z = perItem("z", hidden.units);
    states.push(h);
    feed(z, "z");
    if (present !== null) product(weights("W", [present.size, hidden.units]), range(present), range(z));
    if (hidden.recurrent) product(weights("U", [hidden.units, hidden.units]), range(h), range(z));
    operators.push({
      kind: "elementwise",
      origin: "activation",
      shape: [hidden.units],
      inputs: { x: along(range(z), [1]) },
      constants: {},
      outputs: [{ operand: along(range(h), [1]), role: "update", expr: hidden.activation }],
      differentiable: true,
    });
    operators.push({ kind: "record", origin: "hidden", source: range(h), slot: "h", period: 1 });
  }
  const results = [...states];
  states.push(...factors);
  return {
    program: { dt: 1, operators, streams: [], results },
    fed: operators.flatMap((op) => (op.kind === "feed" ? [op.slot!] : [])),
    recorded: operators.flatMap((op) => (op.kind === "record" ? [op.slot] : [])),
    names: blocks.map((b) => b.name),
    blocks: blocks.map((b) => b.block),
    states,
  };
}
