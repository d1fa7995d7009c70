import { BuildError } from "../../../errors.ts";
import type {
  ConvolveOperator,
  CopyOperator,
  DrawOperator,
  ElementwiseOperator,
  FeedOperator,
  FirOperator,
  HostOperator,
  MatmulOperator,
  SetOperator,
  SparseMatmulOperator,
} from "../../../ir/operators.ts";
import type { Group } from "../../../plan/schedule.ts";
import { convolveStep } from "./convolveOps.ts";
import { copyStep, setStep } from "./copyOps.ts";
import { elementwiseSteps } from "./elementwiseOps.ts";
import { firStep } from "./firOps.ts";
import type { Step } from "./frame.ts";
import { drawStep, feedStep, hostStep } from "./hostOps.ts";
import { matmulStep, sparseMatmulStep } from "./productOps.ts";

/** A group of like operators as tf operations. */
export function stepsOf({ kind, operators }: Group): Step[] {
  switch (kind) {
    case "set":
      return (operators as readonly SetOperator[]).map(setStep);
    case "copy":
      return (operators as readonly CopyOperator[]).map(copyStep);
    case "elementwise":
      return elementwiseSteps(operators as readonly ElementwiseOperator[]);
    case "matmul":
      return (operators as readonly MatmulOperator[]).map(matmulStep);
    case "sparseMatmul":
      return (operators as readonly SparseMatmulOperator[]).map(sparseMatmulStep);
    case "convolve":
      return (operators as readonly ConvolveOperator[]).map(convolveStep);
    case "fir":
      return (operators as readonly FirOperator[]).map(firStep);
    case "feed":
      return (operators as readonly FeedOperator[]).map(feedStep);
    case "draw":
      return (operators as readonly DrawOperator[]).map(drawStep);
    case "host":
      return (operators as readonly HostOperator[]).map(hostStep);
    case "time":
    case "record":
      return [];
    case "tensor":
      throw new BuildError(`${operators[0].origin}: expected a program without tensor nodes, got one. Split it first (plan/stages).`);
  }
}
