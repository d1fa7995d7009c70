import { add, constant, input, mul, type Expr } from "../../expr/expr.ts";
import type { ElementwiseOutput } from "../../ir/operators.ts";
import type { Program } from "../../ir/program.ts";
import { operand, range, Signal, type Operand } from "../../ir/signal.ts";

/** What a filter's output is made of: `C X' + D u` with the new states X' where D is 0, else `C X + D u` (as in Nengo). */
export interface FilterForm {
  readonly order: number;
  readonly C: Float64Array;
  readonly D: number;
}

export interface FilterProgram {
  readonly program: Program;
  /** `[order, units]`, an item each. */
  readonly states: Signal;
  /** A (row by row), then B: `[order * order + order, units]`, or `[..., 1]` where all units share them. */
  readonly coefficients: Signal;
}

/** One step of linear filters side by side, `X' = A X + B u`, with a system a unit or one for all. */
export function filterProgram({ order, C, D }: FilterForm, units: number, tied: boolean, dt: number): FilterProgram {
  const width = tied ? 1 : units;
  const u = new Signal("input", { shape: [units], perItem: true });
  const y = new Signal("output", { shape: [units], perItem: true });
  const states = new Signal("states", { shape: [order, units], perItem: true });
  const coefficients = new Signal("coefficients", {
    shape: [order * order + order, width],
    perItem: false,
    initial: new Float64Array((order * order + order) * width),
    parameter: { role: "weights", owner: {}, trainable: true },
  });
  const state = (k: number): Operand => ({ signal: states, offset: k * units, strides: [1] });
  const coefficient = (k: number): Operand => ({ signal: coefficients, offset: k * width, strides: [tied ? 0 : 1] });
  const each = Array.from({ length: order }, (_, k) => k);
  const inputs: Record<string, Operand> = { u: operand(range(u)) };
  for (const k of each) {
    inputs[`x${k}`] = state(k);
    for (const j of each) inputs[`a${k}_${j}`] = coefficient(k * order + j);
    inputs[`b${k}`] = coefficient(order * order + k);
  }
  const sum = (terms: readonly Expr[]): Expr => terms.reduce((a, b) => add(a, b), constant(0));
  const next = each.map((k) => sum([...each.map((j) => mul(input(`a${k}_${j}`), input(`x${j}`))), mul(input(`b${k}`), input("u"))]));
  const seen = D === 0 ? next : each.map((k) => input(`x${k}`));
  const output = sum([...each.filter((k) => C[k] !== 0).map((k) => mul(C[k], seen[k])), ...(D === 0 ? [] : [mul(D, input("u"))])]);
  const outputs: ElementwiseOutput[] = [
    ...each.map((k): ElementwiseOutput => ({ operand: state(k), role: "set", expr: next[k] })),
    { operand: operand(range(y)), role: "set", expr: output },
  ];
  const origin = "filter";
  return {
    program: {
      dt,
      operators: [
        { kind: "time", origin },
        { kind: "feed", origin, target: range(u), slot: "x", stream: null },
        { kind: "elementwise", origin, shape: [units], inputs, constants: {}, outputs, differentiable: true },
        { kind: "record", origin, source: range(y), slot: "y", period: 1 },
      ],
      streams: [],
      results: [],
    },
    states,
    coefficients,
  };
}
