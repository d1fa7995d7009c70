import { NengoError, SimulationError } from "../../errors.ts";
import type { DrawOperator, HostOperator } from "../../ir/operators.ts";
import type { ProcessStep } from "../../processes/process.ts";
import { valuesOf } from "../engine.ts";
import { journaled } from "./journal.ts";
import { sourcesOf, startOf, type Context, type Kernel } from "./context.ts";

/** `host`: a user's function, called once an item with copies of its inputs. */
export function hostKernel(context: Context, op: HostOperator): Kernel {
  const { batch, width } = context;
  const starts = op.inputs.map((r) => startOf(context, r) * width);
  const targets = op.outputs.map(({ range, role }) => ({ at: startOf(context, range) * width, size: range.length, inc: role === "inc" }));
  const write = (values: readonly (ArrayLike<number> | number)[], b: number): void => {
    const { item } = context;
    targets.forEach(({ at, size, inc }, k) => {
      const value = values[k];
      for (let i = 0; i < size; i++) {
        const v = typeof value === "number" ? value : value[i];
        if (inc) item[at + i * width + b] += v;
        else item[at + i * width + b] = v;
      }
    });
  };
  const called = journaled(context, op, {
    run: () => {
      for (let b = 0; b < batch; b++) {
        const inputs = op.inputs.map(({ length }, k) => Float64Array.from({ length }, (_, i) => context.item[starts[k] + i * width + b]));
        write(callHost(context, op, inputs, b), b);
      }
    },
  });
  return {
    run: () => {
      const data = op.slot === null ? undefined : context.feeds.get(op.slot);
      if (data === undefined) {
        called.run();
        return;
      }
      for (let b = 0; b < batch; b++) {
        const from = data.offset + context.row * data.stepStride + b * data.itemStride;
        write([valuesOf(data.data).subarray(from, from + targets[0].size)], b);
      }
    },
  };
}

/** When and on what a user's code is called. */
export type Clock = Pick<Context, "step" | "time" | "batch" | "streams">;

/** Calls the function of a host operator for item `b`. */
export function callHost(
  context: Clock,
  op: HostOperator,
  inputs: readonly Float64Array[],
  b: number,
): readonly (ArrayLike<number> | number)[] {
  if (op.call.kind === "stream") {
    const source = sourcesOf(context, op.call.stream, op.origin)[b];
    if (source === null || source === undefined || !("step" in source))
      throw new SimulationError(`${op.origin}: expected a process with a step function, got none.`);
    return [processValue(context, op.origin, source.step, inputs[0] ?? noInput, b, op.outputs[0]?.range.length ?? 0)];
  }
  try {
    return op.call.call(context.time, inputs);
  } catch (error) {
    throw located(context, op.origin, b, error);
  }
}

/** What a process's step function gives for item `b`: `size` numbers (where it is 0, anything). */
export function processValue(
  context: Clock,
  origin: string,
  step: ProcessStep,
  input: Float64Array,
  b: number,
  size: number,
): ArrayLike<number> {
  try {
    const value = step(context.time, input);
    const row = typeof value === "number" ? [value] : value;
    if (size > 0 && row.length !== size)
      throw new SimulationError(`expected a step function that returns ${size} number${size === 1 ? "" : "s"}, got ${row.length}.`);
    return row;
  } catch (error) {
    throw located(context, origin, b, error);
  }
}

export const noInput = new Float64Array(0);

/** An exception of a user's code, told who and when. */
function located({ step, time, batch }: Clock, origin: string, b: number, error: unknown): SimulationError {
  const where = `${origin} at step ${step} (t = ${time} s)${batch > 1 ? `, item ${b}` : ""}`;
  const what =
    error instanceof NengoError
      ? error.message
      : `a user's function threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
  return new SimulationError(`${where}: ${what}`, { cause: error });
}

/** `draw`: random numbers whose distribution depends on data. */
export function drawKernel(context: Context, op: DrawOperator): Kernel {
  const { batch, width } = context;
  const to = startOf(context, op.target) * width;
  const from = op.parameter === null ? null : startOf(context, op.parameter) * width;
  const size = op.target.length;
  return journaled(context, op, {
    run: () => {
      const sources = sourcesOf(context, op.stream, op.origin);
      const { item } = context;
      for (let b = 0; b < batch; b++) {
        const source = sources[b];
        if (source === null || source === undefined || !("rng" in source))
          throw new SimulationError(`${op.origin}: expected a random generator, got none.`);
        const { rng } = source;
        for (let i = 0; i < size; i++) {
          const at = i * width + b;
          item[to + at] = op.distribution === "uniform" ? rng.uniform() : rng.poisson(item[from! + at]);
        }
      }
    },
  });
}
