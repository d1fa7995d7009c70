import type { ConvolveOperator } from "../../ir/operators.ts";
import { convolutionPairs } from "../../plan/convolutionPairs.ts";
import { begin } from "./product.ts";
import { memoryOf, startOf, type Context, type Kernel } from "./context.ts";

/** `convolve` in its three modes; sums run over taps, then input channels, in ascending order. */
export function convolveKernel(context: Context, op: ConvolveOperator): Kernel {
  const { geometry: g, mode } = op;
  const { batch } = context;
  const at = convolutionPairs(g);
  const spatial = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  // Element (position, channel) of an image.
  const strides = (positions: number, channels: number): [number, number] => (g.channelsLast ? [channels, 1] : [1, positions]);
  const [inPosition, inChannel] = strides(spatial(g.inputSpatial), g.inputChannels);
  const [outPosition, outChannel] = strides(spatial(g.outputSpatial), g.outputChannels);
  const [groupIn, groupOut] = [g.inputChannels / g.groups, g.outputChannels / g.groups];
  const place = (
    r: ConvolveOperator["input"],
  ): { memory: Float64Array | Float32Array; start: number; item: number; element: number; size: number } => ({
    memory: memoryOf(context, r.signal),
    start: startOf(context, r) * (r.signal.perItem ? batch : 1),
    item: r.signal.perItem ? 1 : 0,
    element: r.signal.perItem ? batch : 1,
    size: r.length * (r.signal.perItem ? batch : 1),
  });
  const [x, w, y] = [place(op.input), place(op.filter), place(op.output)];
  const target = mode === "forward" ? y : mode === "inputAdjoint" ? x : w;
  const [wIn, wOut] = g.filterOutputFirst === true ? [1, groupIn] : [g.outputChannels, 1];
  const [xStep, yStep, wStep] = [inChannel * x.element, outChannel * y.element, wOut * w.element];
  // One channel of the input with all of the output's, of one position, tap and item.
  const line: (xi: number, wi: number, yi: number) => void =
    mode === "forward"
      ? (xi, wi, yi) => {
          const value = x.memory[xi];
          if (value !== 0) for (let f = 0; f < groupOut; f++) y.memory[yi + f * yStep] += value * w.memory[wi + f * wStep];
        }
      : mode === "inputAdjoint"
        ? (xi, wi, yi) => {
            let sum = x.memory[xi];
            for (let f = 0; f < groupOut; f++) sum += y.memory[yi + f * yStep] * w.memory[wi + f * wStep];
            x.memory[xi] = sum;
          }
        : (xi, wi, yi) => {
            const value = x.memory[xi];
            if (value !== 0) for (let f = 0; f < groupOut; f++) w.memory[wi + f * wStep] += value * y.memory[yi + f * yStep];
          };
  return {
    run: () => {
      begin(target.memory, target.start, target.size, op.role !== "inc");
      for (let p = 0; p < at.length; p += 3) {
        for (let c = 0; c < g.inputChannels; c++) {
          const first = Math.floor(c / groupIn) * groupOut;
          const xi = x.start + at[p + 2] * inPosition * x.element + c * xStep;
          const yi = y.start + at[p] * outPosition * y.element + first * yStep;
          const wi = w.start + (at[p + 1] * groupIn * g.outputChannels + (c % groupIn) * wIn + first * wOut) * w.element;
          for (let b = 0; b < batch; b++) line(xi + b * x.item, wi + b * w.item, yi + b * y.item);
        }
      }
    },
  };
}
