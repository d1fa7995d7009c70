import type { CopyOperator, SetOperator } from "../../ir/operators.ts";
import { memoryOf, startOf, type Context, type Kernel } from "./context.ts";

/** `set`: constants into ranges. */
export function setKernel(context: Context, operators: readonly SetOperator[]): Kernel {
  const { batch } = context;
  const fills: { memory: Float64Array | Float32Array; from: number; to: number; value: number }[] = [];
  const copies: { memory: Float64Array | Float32Array; at: number; values: Float64Array }[] = [];
  for (const { target, value } of operators) {
    const memory = memoryOf(context, target.signal);
    const width = target.signal.perItem ? batch : 1;
    const at = startOf(context, target) * width;
    if (typeof value !== "number") {
      copies.push({ memory, at, values: Float64Array.from({ length: target.length * width }, (_, k) => value[Math.floor(k / width)]) });
      continue;
    }
    const last = fills.at(-1);
    if (last !== undefined && last.memory === memory && last.to === at && last.value === value) last.to += target.length * width;
    else fills.push({ memory, from: at, to: at + target.length * width, value });
  }
  return {
    run: () => {
      for (const { memory, from, to, value } of fills) memory.fill(value, from, to);
      for (const { memory, at, values } of copies) memory.set(values, at);
    },
  };
}

/** Neighbouring elements that move together. */
interface Moves {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly length: Int32Array;
}

function movesOf(context: Context, operators: readonly CopyOperator[]): Moves {
  const from: number[] = [];
  const to: number[] = [];
  const length: number[] = [];
  for (const { source, target } of operators) {
    const [s, t] = [startOf(context, source), startOf(context, target)];
    const count = (target.index ?? source.index)?.length ?? target.length;
    for (let k = 0; k < count; k++) {
      const a = s + (source.index?.[k] ?? k);
      const b = t + (target.index?.[k] ?? k);
      const last = from.length - 1;
      if (last >= 0 && from[last] + length[last] === a && to[last] + length[last] === b) length[last]++;
      else {
        from.push(a);
        to.push(b);
        length.push(1);
      }
    }
  }
  return { from: Int32Array.from(from), to: Int32Array.from(to), length: Int32Array.from(length) };
}

/** `copy`: picked elements into picked elements; a shared source goes to every item, a shared target sums over items. */
export function copyKernel(context: Context, operators: readonly CopyOperator[]): Kernel {
  const { batch } = context;
  const [first] = operators as readonly [CopyOperator];
  const source = memoryOf(context, first.source.signal);
  const target = memoryOf(context, first.target.signal);
  const [perItemIn, perItemOut] = [first.source.signal.perItem, first.target.signal.perItem];
  const inc = first.role === "inc";
  const { from, to, length } = movesOf(context, operators);
  const n = from.length;

  if (perItemIn === perItemOut || batch === 1) {
    const width = perItemIn ? batch : 1;
    const views = Array.from(from, (a, m) => (!inc && length[m] * width > 64 ? source.subarray(a * width, (a + length[m]) * width) : null));
    return {
      run: () => {
        for (let m = 0; m < n; m++) {
          const view = views[m];
          const a = from[m] * width;
          const b = to[m] * width;
          const count = length[m] * width;
          if (view !== null) target.set(view, b);
          else if (inc) for (let k = 0; k < count; k++) target[b + k] += source[a + k];
          else for (let k = 0; k < count; k++) target[b + k] = source[a + k];
        }
      },
    };
  }
  if (perItemOut) {
    return {
      run: () => {
        for (let m = 0; m < n; m++) {
          for (let k = 0; k < length[m]; k++) {
            const value = source[from[m] + k];
            const at = (to[m] + k) * batch;
            if (inc) for (let b = 0; b < batch; b++) target[at + b] += value;
            else for (let b = 0; b < batch; b++) target[at + b] = value;
          }
        }
      },
    };
  }
  return {
    run: () => {
      for (let m = 0; m < n; m++) {
        for (let k = 0; k < length[m]; k++) {
          const at = (from[m] + k) * batch;
          let sum = inc ? target[to[m] + k] : 0;
          for (let b = 0; b < batch; b++) sum += source[at + b];
          target[to[m] + k] = sum;
        }
      }
    },
  };
}
