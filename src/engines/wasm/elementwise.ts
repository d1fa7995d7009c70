import type { ElementwiseOperator } from "../../ir/operators.ts";
import { coalesce, type Segment } from "../../plan/coalesce.ts";
import { copyMemory, i32, int, vector, type Code } from "./code.ts";
import { ExpressionCode } from "./expressions.ts";
import type { Lowering } from "./lowering.ts";
import type { FunctionBuilder, Local } from "./module.ts";
import { nestOf, stepOf, type PreparedNest, type Step } from "./nests.ts";

/** Segments that one function serves: loops of equal depth, and operands that move alike inside. */
interface Shape {
  readonly depth: number;
  readonly inputs: readonly Step[];
  readonly outputs: readonly Step[];
}

const shapeOf = ({ nest }: PreparedNest, bytes: number): Shape => ({
  depth: nest.sizes.length,
  inputs: nest.inputs.map((o) => stepOf(o, bytes)),
  outputs: nest.outputs.map((o) => stepOf(o, bytes)),
});

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
  const prepared = segments.map((s: Segment) => nestOf(lowering, s, laneConstants, increments));
  const classes = new Map<string, PreparedNest[]>();
  for (const p of prepared) {
    const key = JSON.stringify(shapeOf(p, bytes));
    classes.set(key, [...(classes.get(key) ?? []), p]);
  }
  const calls = [...classes.values()].map((members) => {
    const shape = shapeOf(members[0], bytes);
    const loops = lowering.module.function([i32], [], (f, [table]) =>
      writeLoops(f, lowering, shape, first, inputs, uniform, increments, table),
    );
    const { depth } = shape;
    const row = (p: PreparedNest): number[] => [
      ...p.nest.sizes,
      ...[...p.nest.inputs, ...p.nest.outputs].flatMap((o) => [o.start, ...o.strides]),
    ];
    const rows = members.map(row);
    return { loops, table: lowering.integers(rows.flat()), width: rows[0].length * 4, count: members.length, depth };
  });
  return (f) => {
    for (const { rescues } of prepared) for (const r of rescues) f.emit(copyMemory(int.const(r.to), int.const(r.from), int.const(r.bytes)));
    for (const { loops, table, width, count } of calls) {
      if (count === 1) f.emit(loops.call(int.const(table)));
      else f.times(int.const(count), (k) => f.emit(loops.call(int.add(int.const(table), int.mul(k.get, int.const(width))))));
    }
  };
}

/** The function of a class of segments; its argument is the address of a row of sizes, starts and strides. */
function writeLoops(
  f: FunctionBuilder,
  lowering: Lowering,
  shape: Shape,
  op: ElementwiseOperator,
  inputNames: readonly string[],
  uniform: Readonly<Record<string, number>>,
  increments: readonly boolean[],
  table: Local,
): void {
  const { lanes } = lowering;
  const { depth } = shape;
  const code = new ExpressionCode(
    f,
    lanes,
    lowering.callElementary,
    op.outputs.map((o) => o.expr),
    uniform,
  );
  const used = new Set(code.inputs);
  const word = (k: number): Code => int.load(table.get, 4 * k);
  const steps = [...shape.inputs, ...shape.outputs];
  const isUsed = (k: number): boolean => k >= inputNames.length || used.has(inputNames[k]);
  const startOf = (k: number): number => depth + k * (depth + 1);
  const strideOf = (k: number, d: number): Code => word(startOf(k) + 1 + d);

  const level = (d: number, pointers: readonly (Local | null)[]): void => {
    if (d === depth - 1) {
      inner(pointers);
      return;
    }
    const moving = pointers.map((p) => (p === null ? null : f.int(p.get)));
    f.times(word(d), () => {
      level(d + 1, moving);
      moving.forEach((p, k) => p !== null && f.increase(p, strideOf(k, d)));
    });
  };

  const inner = (pointers: readonly (Local | null)[]): void => {
    const size = f.int(word(depth - 1));
    const at = f.int(int.const(0));
    const offset = f.int(int.const(0));
    const strides = steps.map((step, k) => (step === "stride" && isUsed(k) ? f.int(strideOf(k, depth - 1)) : null));
    const lane = (k: number, i: number): Code =>
      int.add(pointers[k]!.get, int.mul(strides[k]!.get, i === 0 ? at.get : int.add(at.get, int.const(i))));
    const splats = steps.map((step, k) =>
      step === "same" && k < inputNames.length && isUsed(k) ? f.vector(lanes.loadSplat(pointers[k]!.get)) : null,
    );
    // A sum over the innermost loop is kept in a register.
    const sums = steps.map((step, k) => {
      const o = k - inputNames.length;
      return step === "same" && o >= 0 && increments[o] ? f.local(lanes.scalarType, lanes.scalar.load(pointers[k]!.get)) : null;
    });
    const load = (k: number): Code => {
      if (steps[k] === "same") return splats[k]!;
      if (steps[k] === "next") return vector.load(int.add(pointers[k]!.get, offset.get));
      let value = lanes.loadSplat(lane(k, 0));
      for (let i = 1; i < lanes.count; i++) value = lanes.loadLane(lane(k, i), value, i);
      return value;
    };
    f.while(
      () => int.lt(at.get, size.get),
      () => {
        const values = code.evaluate((name) => load(inputNames.indexOf(name)));
        const kept = values.map((v) => f.vector(v));
        const left = f.int(int.sub(size.get, at.get));
        kept.forEach((value, o) => {
          const k = inputNames.length + o;
          const sum = sums[k];
          const each = (store: (i: number) => void): void => {
            for (let i = 0; i < lanes.count; i++) {
              if (i === 0) store(i);
              else f.if(int.gt(left.get, int.const(i)), () => store(i));
            }
          };
          if (sum !== null) {
            each((i) => f.set(sum, lanes.scalar.add(sum.get, lanes.extract(value, i))));
            return;
          }
          if (steps[k] === "next") {
            const address = f.int(int.add(pointers[k]!.get, offset.get));
            const stored = increments[o] ? f.vector(lanes.add(vector.load(address.get), value)) : value;
            f.if(
              int.ge(left.get, int.const(lanes.count)),
              () => f.emit(vector.store(address.get, stored)),
              () => each((i) => f.emit(lanes.storeLane(address.get, stored, i, i * lanes.bytes))),
            );
            return;
          }
          each((i) => {
            const address = steps[k] === "same" ? pointers[k]! : f.int(lane(k, i));
            const scalar = lanes.extract(value, i);
            f.emit(lanes.scalar.store(address.get, increments[o] ? lanes.scalar.add(lanes.scalar.load(address.get), scalar) : scalar));
          });
        });
        f.increase(at, int.const(lanes.count));
        f.increase(offset, int.const(16));
      },
    );
    sums.forEach((sum, k) => sum !== null && f.emit(lanes.scalar.store(pointers[k]!.get, sum.get)));
  };

  level(
    0,
    steps.map((_, k) => (isUsed(k) ? f.int(word(startOf(k))) : null)),
  );
}
