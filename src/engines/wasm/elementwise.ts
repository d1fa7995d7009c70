import type { ElementwiseOperator } from "../../ir/operators.ts";
import { coalesce } from "../../plan/coalesce.ts";
import { copyMemory, i32, int } from "./code.ts";
import { ExpressionCode } from "./expressions.ts";
import { LaneLoop } from "./laneLoop.ts";
import type { Lowering } from "./lowering.ts";
import type { FunctionBuilder, Local } from "./module.ts";
import { bounds, nestOf, shapeOf, type Shape } from "./nests.ts";
import { runsByKind } from "./runs.ts";

/** Code of merged elementwise operators: their expressions in one loop over all lanes of a segment. */
export function elementwiseCode(lowering: Lowering, operators: readonly ElementwiseOperator[]): (f: FunctionBuilder) => void {
  const [first] = operators as readonly [ElementwiseOperator];
  const { bytes } = lowering.lanes;
  const segments = coalesce(operators, lowering.places.layout);
  const names = Object.keys(first.constants);
  // A constant that is one number everywhere is part of the code; the others are read.
  const uniform: Record<string, number> = {};
  const laneConstants: number[] = [];
  names.forEach((name, c) => {
    const value = segments[0].constants[c];
    if (typeof value === "number" && segments.every((s) => Object.is(s.constants[c], value))) uniform[name] = value;
    else laneConstants.push(c);
  });
  const inputs = [...Object.keys(first.inputs), ...laneConstants.map((c) => names[c])];
  const increments = first.outputs.map((o) => o.role === "inc");
  const prepared = segments.map((s) => nestOf(lowering, s, laneConstants, increments));
  // One function serves all segments whose loops are alike; a row of a table tells sizes, starts and strides of each.
  const runs = runsByKind(
    prepared,
    (p) => JSON.stringify(shapeOf(p.nest, bytes)),
    (p) => p.nest.outputs.map((o) => bounds(o, p.nest.sizes, bytes)),
  );
  const calls = runs.map(({ kind, members }) => {
    const shape = shapeOf(members[0].nest, bytes);
    const key = `elementwise ${first.outputs.map((o) => o.expr.id).join()} ${kind} ${JSON.stringify([increments, inputs])} ${textOf(uniform)}`;
    const loops = lowering.once(key, () =>
      lowering.module.function([i32], [], (f, [table]) =>
        writeLoops(f, lowering, { shape, op: first, inputs, uniform, increments, table }),
      ),
    );
    const rows = members.map(({ nest }) => [...nest.sizes, ...[...nest.inputs, ...nest.outputs].flatMap((o) => [o.start, ...o.strides])]);
    return { loops, table: lowering.integers(rows.flat()), width: rows[0].length * 4, count: members.length };
  });
  return (f) => {
    for (const { rescues } of prepared) for (const r of rescues) f.emit(copyMemory(int.const(r.to), int.const(r.from), int.const(r.bytes)));
    for (const { loops, table, width, count } of calls) {
      if (count === 1) f.emit(loops.call(int.const(table)));
      else f.times(int.const(count), (k) => f.emit(loops.call(int.add(int.const(table), int.mul(k.get, int.const(width))))));
    }
  };
}

/** Names and values; JSON would not tell 0 from -0. */
const textOf = (uniform: Readonly<Record<string, number>>): string =>
  Object.entries(uniform)
    .map(([name, value]) => `${name}=${Object.is(value, -0) ? "-0" : value}`)
    .join();

interface Loops {
  readonly shape: Shape;
  readonly op: ElementwiseOperator;
  readonly inputs: readonly string[];
  readonly uniform: Readonly<Record<string, number>>;
  readonly increments: readonly boolean[];
  /** Address of the row of sizes, starts and strides. */
  readonly table: Local;
}

function writeLoops(f: FunctionBuilder, lowering: Lowering, { shape, op, inputs, uniform, increments, table }: Loops): void {
  const { depth } = shape;
  const exprs = op.outputs.map((o) => o.expr);
  const code = new ExpressionCode(f, lowering.lanes, lowering.callElementary, exprs, uniform);
  const used = new Set(code.inputs);
  const word = (k: number): ReturnType<typeof int.load> => int.load(table.get, 4 * k);
  const count = inputs.length + op.outputs.length;
  const startOf = (k: number): number => depth + k * (depth + 1);
  const isUsed = (k: number): boolean => k >= inputs.length || used.has(inputs[k]);

  const level = (d: number, pointers: readonly (Local | null)[]): void => {
    if (d === depth - 1) {
      const strides = pointers.map((p, k) => (p === null ? null : f.int(word(startOf(k) + depth))));
      new LaneLoop(f, lowering, { code, shape, inputs, increments, pointers, strides, size: f.int(word(depth - 1)) }).write();
      return;
    }
    const moving = pointers.map((p) => (p === null ? null : f.int(p.get)));
    f.times(word(d), () => {
      level(d + 1, moving);
      moving.forEach((p, k) => p !== null && f.increase(p, word(startOf(k) + 1 + d)));
    });
  };
  level(
    0,
    Array.from({ length: count }, (_, k) => (isUsed(k) ? f.int(word(startOf(k))) : null)),
  );
}
