import type { FeedOperator, RecordOperator } from "../../ir/operators.ts";
import { valuesOf } from "../engine.ts";
import type { StreamSource } from "../streams.ts";
import { memoryOf, sourcesOf, startOf, type Context, type Kernel } from "./context.ts";
import { journaled } from "./journal.ts";
import { noInput, processValue } from "./host.ts";

/** `feed`: a row of data given to the run, else what a process gives. */
export function feedKernel(context: Context, operators: readonly FeedOperator[]): Kernel {
  const runs = operators.map((op) => feedOne(context, op));
  return {
    run: () => {
      for (const run of runs) run();
    },
  };
}

function feedOne(context: Context, op: FeedOperator): () => void {
  const { batch, item } = context;
  const to = startOf(context, op.target) * batch;
  const size = op.target.length;
  const fromProcess = op.stream === null ? null : processFeed(context, op);
  return () => {
    const table = op.slot === null ? undefined : context.feeds.get(op.slot);
    if (table === undefined) {
      fromProcess?.();
      return;
    }
    const data = valuesOf(table.data);
    const { itemStride, elementStride = 1 } = table;
    const from = table.offset + context.row * table.stepStride;
    for (let b = 0; b < batch; b++) {
      const row = from + b * itemStride;
      for (let i = 0; i < size; i++) item[to + i * batch + b] = data[row + i * elementStride]!;
    }
  };
}

/** Writes what the process of a feed gives at the present step. */
export function processFeed(context: Context, op: FeedOperator): () => void {
  const to = startOf(context, op.target) * context.width;
  const write = (sources: readonly StreamSource[]): void => {
    for (let b = 0; b < context.batch; b++) fromSource(context, op, sources[b], to, b);
  };
  const called = journaled(context, op, { run: () => write(sourcesOf(context, op.stream!, op.origin)) });
  return () => {
    const sources = sourcesOf(context, op.stream!, op.origin);
    // A table gives the same again.
    if (sources.every((s) => s !== null && "table" in s)) write(sources);
    else called.run();
  };
}

/** Writes a process's value of the present step for item `b`; the target's memory starts at `to`. */
function fromSource(context: Context, op: FeedOperator, source: StreamSource, to: number, b: number): void {
  if (source === null || "rng" in source) return;
  const { width, item, step } = context;
  const size = op.target.length;
  let values: ArrayLike<number>;
  let row = 0;
  if ("table" in source) {
    const { rows, mode, offset, data } = source.table;
    const at = step + offset;
    row = (mode === "cyclic" ? at % rows : Math.min(at, rows - 1)) * size;
    values = data;
  } else {
    values = processValue(context, op.origin, source.step, noInput, b, size);
  }
  for (let i = 0; i < size; i++) item[to + i * width + b] = values[row + i]!;
}

/** `record`: a row of the run's result, every so many steps. */
export function recordKernel(context: Context, operators: readonly RecordOperator[]): Kernel {
  const { batch } = context;
  const sources = operators.map((op) => {
    const { perItem } = op.source.signal;
    return {
      op,
      memory: memoryOf(context, op.source.signal),
      from: startOf(context, op.source) * (perItem ? batch : 1),
      step: perItem ? batch : 1,
      itemStep: perItem ? 1 : 0,
      index: op.index ?? null,
      size: op.source.length,
    };
  });
  return {
    run: () => {
      for (const { op, memory, from, step, itemStep, index, size } of sources) {
        if (context.step % op.period >= 1) continue;
        const record = context.records.get(op.slot);
        if (record === undefined) continue;
        const { table } = record;
        const data = valuesOf(table.data);
        const { elementStride = 1 } = table;
        const to = table.offset + record.rows++ * table.stepStride;
        for (let b = 0; b < batch; b++) {
          const row = to + b * table.itemStride;
          const start = from + b * itemStep;
          if (index === null) for (let i = 0; i < size; i++) data[row + i * elementStride] = memory[start + i * step]!;
          else for (let i = 0; i < size; i++) data[row + i * elementStride] = memory[start + index[i] * step]!;
        }
      }
    },
  };
}
