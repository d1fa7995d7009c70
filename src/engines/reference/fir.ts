import type { FirOperator } from "../../ir/operators.ts";
import { startOf, type Context, type Kernel } from "./context.ts";

/** `fir`: a weighted sum of the last inputs; the buffer keeps them, newest first. */
export function firKernel(context: Context, op: FirOperator): Kernel {
  const { batch, item } = context;
  const size = op.input.length * batch;
  const [input, output, buffer] = [op.input, op.output, op.buffer].map((r) => startOf(context, r) * batch) as [number, number, number];
  const { taps } = op;
  const keep = (taps.length - 1) * size;
  return {
    run: () => {
      item.copyWithin(buffer + size, buffer, buffer + keep);
      item.copyWithin(buffer, input, input + size);
      for (let k = 0; k < size; k++) {
        let sum = op.role === "inc" ? item[output + k] : 0;
        for (let tap = 0; tap < taps.length; tap++) sum += taps[tap] * item[buffer + tap * size + k];
        item[output + k] = sum;
      }
    },
  };
}
