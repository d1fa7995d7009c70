import { BuildError } from "../../errors.ts";
import type {
  ConvolveOperator,
  CopyOperator,
  DrawOperator,
  ElementwiseOperator,
  FeedOperator,
  FirOperator,
  HostOperator,
  MatmulOperator,
  RecordOperator,
  SetOperator,
  SparseMatmulOperator,
} from "../../ir/operators.ts";
import type { Plan } from "../../plan/plan.ts";
import { f64, i32, int, v128, vector } from "./code.ts";
import { elementwiseCode } from "./elementwise.ts";
import { feedCode, recordCode, type FeedPort, type RecordPort } from "./exchange.ts";
import { convolveCode, firCode, sparseCode } from "./filters.ts";
import { interleave } from "./interleave.ts";
import { CLOCK, Lowering, type Places } from "./lowering.ts";
import { matmulCode } from "./matmul.ts";
import type { Arena } from "./memory.ts";
import { ModuleBuilder, type FunctionBuilder } from "./module.ts";
import { copyCode, setCode } from "./move.ts";

/** A plan as a module, with what JavaScript must know to run it. */
export interface Compiled {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly clock: number;
  readonly feeds: readonly FeedPort[];
  readonly records: readonly RecordPort[];
  /** Operators that JavaScript runs, by the number with which the module asks for them. */
  readonly hosts: readonly (HostOperator | DrawOperator | FeedOperator)[];
  /** Blocks of the arena to be freed with the module. */
  readonly blocks: readonly number[];
}

type Emit = (f: FunctionBuilder) => void;

/** Makes one module of a plan: a function for each kind of loop, and `run(steps)`, which calls them in the plan's order. */
export function compile(plan: Plan, arena: Arena, places: Places): Compiled {
  const module = new ModuleBuilder();
  const imports = { host: module.import("host", [i32]), remainder: module.import("remainder", [f64, f64], [f64]) };
  const columns = Math.max(0, ...plan.groups.flatMap((g) => g.operators.map((op) => (op.kind === "matmul" ? op.x.length : 0))));
  const lowering = new Lowering(module, arena, places, { imports, columns });
  const feeds: FeedPort[] = [];
  const records: RecordPort[] = [];
  const hosts: (HostOperator | DrawOperator | FeedOperator)[] = [];

  const feedOf = (op: FeedOperator | HostOperator): Emit => {
    const { code, port } = feedCode(lowering, op);
    feeds.push(port);
    return code;
  };
  const hostOf = (op: HostOperator | DrawOperator): Emit => {
    const k = hosts.push(op) - 1;
    return (f) => f.emit(lowering.host.call(int.const(k)));
  };
  const recordOf = (op: RecordOperator): Emit => {
    const { code, port } = recordCode(lowering, op);
    records.push(port);
    return code;
  };
  const groups = interleave(plan.groups, (signal) => signal.size * lowering.stride(signal) * lowering.lanes.bytes);
  const emits = groups.flatMap(({ kind, operators }): Emit[] => {
    switch (kind) {
      case "set":
        return [setCode(lowering, operators as readonly SetOperator[])];
      case "copy":
        return [copyCode(lowering, operators as readonly CopyOperator[])];
      case "elementwise":
        return [elementwiseCode(lowering, operators as readonly ElementwiseOperator[])];
      case "matmul":
        return [matmulCode(lowering, operators as readonly MatmulOperator[])];
      case "sparseMatmul":
        return operators.map((op) => sparseCode(lowering, op as SparseMatmulOperator));
      case "convolve":
        return operators.map((op) => convolveCode(lowering, op as ConvolveOperator));
      case "fir":
        return operators.map((op) => firCode(lowering, op as FirOperator));
      case "feed":
        return operators.map((op) => feedOf(op as FeedOperator));
      case "host":
        return operators.map((op) => ((op as HostOperator).slot === null ? hostOf(op as HostOperator) : feedOf(op as HostOperator)));
      case "draw":
        return operators.map((op) => hostOf(op as DrawOperator));
      case "record":
        return operators.map((op) => recordOf(op as RecordOperator));
      case "time":
        return [];
      case "tensor":
        throw new BuildError(`${operators[0].origin}: expected a program without tensor nodes, got one. Split it first (plan/stages).`);
    }
  });
  // Feeds may ask JavaScript for a process's value.
  for (const { op } of feeds) hosts.push(op);

  const { clock } = lowering;
  const layoutBytes = plan.layout.itemSize * places.width * lowering.lanes.bytes;
  module.function(
    [i32],
    [],
    (f, [steps]) => {
      f.times(steps.get, (row) => {
        f.emit(int.store(int.const(clock), int.add(int.load(int.const(clock), CLOCK.step), int.const(1)), CLOCK.step));
        f.emit(int.store(int.const(clock), row.get, CLOCK.row));
        for (const emit of emits) emit(f);
      });
    },
    "run",
  );
  allFiniteFunction(lowering, layoutBytes);
  return { bytes: module.encode(), clock, feeds, records, hosts, blocks: lowering.blocks };
}

/** `allFinite()`: whether every per-item value is (a sum of multiples of 0 is NaN where one is not). */
function allFiniteFunction({ module, lanes, places }: Lowering, bytes: number): void {
  module.function(
    [],
    [i32],
    (f) => {
      const sum = f.local(v128, lanes.constant(0));
      const at = f.int(int.const(places.item));
      const whole = places.item + (bytes & -16);
      f.while(
        () => int.ltU(at.get, int.const(whole)),
        () => {
          f.set(sum, lanes.add(sum.get, lanes.mul(vector.load(at.get), lanes.constant(0))));
          f.increase(at, int.const(16));
        },
      );
      f.while(
        () => int.ltU(at.get, int.const(places.item + bytes)),
        () => {
          f.set(sum, lanes.add(sum.get, lanes.mul(lanes.loadSplat(at.get), lanes.constant(0))));
          f.increase(at, int.const(lanes.bytes));
        },
      );
      f.emit([vector.anyTrue(lanes.ne(sum.get, sum.get)), 0x45]);
    },
    "allFinite",
  );
}
