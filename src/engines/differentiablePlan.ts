import { BuildError } from "../errors.ts";
import type { Operator } from "../ir/operators.ts";
import type { Program } from "../ir/program.ts";
import type { Signal } from "../ir/signal.ts";
import { adjointProgram, type Adjoint, type AdjointOptions } from "../plan/adjoint.ts";
import { planProgram, type Plan } from "../plan/plan.ts";

/** Plans of a program and its adjoint, shared by runners of different batch sizes. */
export class DifferentiablePlan {
  readonly adjoint: Adjoint;
  readonly forward: Plan;
  readonly backward: Plan;
  private readonly replayOperators: readonly Operator[];
  private replayPlan: Plan | null = null;
  /** Slots of those values, with the ranges that are recorded. */
  readonly replayed: readonly { readonly slot: string; readonly signal: Signal; readonly size: number }[];

  constructor(program: Program, options: AdjointOptions) {
    this.adjoint = adjointProgram(program, options);
    const { operators, replayed } = replayProgram(this.adjoint.forward);
    const records: Operator[] = replayed.map(({ slot, signal, size }) => ({
      kind: "record",
      origin: slot,
      source: { signal, offset: 0, length: size },
      slot,
      period: 1,
    }));
    this.replayed = replayed;
    this.forward = planProgram({ ...this.adjoint.forward, operators: [...this.adjoint.forward.operators, ...records] });
    this.replayOperators = operators;
    this.backward = planProgram(this.adjoint.backward);
  }

  /** The forward program with recorded values in place of user functions, processes and draws; planned when first needed. */
  get replay(): Plan {
    return (this.replayPlan ??= planProgram({ ...this.adjoint.forward, operators: this.replayOperators }));
  }
}

function replayProgram(program: Program): { operators: Operator[]; replayed: { slot: string; signal: Signal; size: number }[] } {
  const replayed: { slot: string; signal: Signal; size: number }[] = [];
  const operators = program.operators.flatMap((op): Operator[] => {
    const targets =
      op.kind === "host"
        ? op.outputs.map((o) => o.range)
        : op.kind === "draw" || (op.kind === "feed" && op.stream !== null)
          ? [op.target]
          : null;
    if (targets === null) return [op];
    return targets.map((target): Operator => {
      if (target.offset !== 0 || target.length !== target.signal.size || (op.kind === "host" && op.outputs.some((o) => o.role !== "set"))) {
        throw new BuildError(
          `${op.origin}: expected an output that sets a whole signal, got a part of one, which cannot be replayed for a gradient.`,
        );
      }
      const slot = `replay:${replayed.length}`;
      replayed.push({ slot, signal: target.signal, size: target.length });
      return { kind: "feed", origin: op.origin, target, slot, stream: null };
    });
  });
  return { operators, replayed };
}
