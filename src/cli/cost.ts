import { nodesOf, type Expr } from "../expr/index.ts";
import type { Operator } from "../ir/operators.ts";

/** What a step of a network takes, for one item. */
export interface StepCost {
  /** Multiplications with an addition in products of matrices, as if nothing were 0 (spikes take only the columns of neurons that fired). */
  readonly multiplyAdds: number;
  /** Operations of elementwise expressions: neurons, synapses. */
  readonly elementwise: number;
  /** Numbers that are copied, set, fed or recorded. */
  readonly moved: number;
  /** Calls of JavaScript or tf functions. */
  readonly calls: number;
}

/** Counts what operators do at a step. */
export function costOf(operators: readonly Operator[]): StepCost {
  const cost = { multiplyAdds: 0, elementwise: 0, moved: 0, calls: 0 };
  for (const op of operators) {
    switch (op.kind) {
      case "matmul":
        cost.multiplyAdds += op.x.length * op.y.length;
        break;
      case "sparseMatmul":
        cost.multiplyAdds += op.rows.length;
        break;
      case "convolve": {
        const { outputSpatial, kernel, inputChannels, outputChannels, groups } = op.geometry;
        cost.multiplyAdds += [...outputSpatial, ...kernel, inputChannels / groups, outputChannels].reduce((a, b) => a * b, 1);
        break;
      }
      case "fir":
        cost.multiplyAdds += op.taps.length * op.input.length;
        break;
      case "elementwise":
        cost.elementwise += op.shape.reduce((a, b) => a * b, 1) * operationsOf(op.outputs.map(({ expr }) => expr));
        break;
      case "copy":
        cost.moved += op.source.index?.length ?? op.source.length;
        break;
      case "set":
      case "feed":
      case "draw":
        cost.moved += op.target.length;
        break;
      case "record":
        cost.moved += op.source.length;
        break;
      case "host":
      case "tensor":
        cost.calls++;
        break;
      case "time":
        break;
    }
  }
  return cost;
}

const operationsOf = (exprs: readonly Expr[]): number => nodesOf(exprs).filter((node) => node.op !== "const" && node.op !== "input").length;
