import { accesses } from "../ir/operators.ts";
import type { Program } from "../ir/program.ts";
import type { Signal } from "../ir/signal.ts";
import { isPlastic, reach, stopsGradient } from "./reach.ts";

/** A parameter that reaches a record only through a user's function, where gradients stop. */
export interface Blocked {
  readonly parameter: Signal;
  /** Origins of the functions in the way. */
  readonly through: readonly string[];
}

/**
 * Trainable parameters whose every way to the given records leads through operators without a gradient. What only a learning
 * rule uses is not among them: it has no gradient by decision.
 */
export function blockedParameters(program: Program, records: readonly string[]): Blocked[] {
  const operators = program.operators.filter((op) => !isPlastic(op));
  const start = operators.flatMap((op) => (op.kind === "record" && records.includes(op.slot) ? [op.source.signal] : []));
  const differentiable = operators.filter((op) => !stopsGradient(op));
  const smooth = reach(differentiable, start, "backward");
  const any = reach(operators, start, "backward");
  const parameters = new Set(operators.flatMap((op) => accesses(op).reads.map((r) => r.signal)).filter((s) => s.trainable));
  return [...parameters]
    .filter((p) => any.has(p) && !smooth.has(p))
    .map((parameter) => {
      const after = reach(operators, [parameter], "forward");
      const through = operators.filter(
        (op) =>
          stopsGradient(op) &&
          accesses(op).reads.some((r) => after.has(r.signal)) &&
          [...accesses(op).sets, ...accesses(op).incs].some((w) => any.has(w.signal)),
      );
      return { parameter, through: [...new Set(through.map((op) => op.origin))] };
    });
}
