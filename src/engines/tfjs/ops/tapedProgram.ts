import type { Operator } from "../../../ir/operators.ts";
import type { Program } from "../../../ir/program.ts";
import { range, type Signal } from "../../../ir/signal.ts";
import { adjointProgram, type Adjoint, type AdjointOptions } from "../../../plan/adjoint.ts";

/** Slot under which the gradient with respect to a final state is fed, where it is not simply the adjoint's initial state. */
export const finalSlot = (k: number): string => `final:${k}`;

/** {@link adjointProgram} of a program whose final states are results too. */
export function adjointWithFinalStates(program: Program, options: AdjointOptions, states: readonly Signal[]): Adjoint {
  const finals = states.map((signal, k): Operator => ({
    kind: "record",
    origin: finalSlot(k),
    source: range(signal),
    slot: finalSlot(k),
    period: 1,
  }));
  const adjoint = adjointProgram(
    { ...program, operators: [...program.operators, ...finals] },
    { ...options, records: [...options.records, ...states.map((_, k) => finalSlot(k))], initialState: states.length > 0 },
  );
  // A state's gradient after the last step is where its adjoint starts; the records were only there to tell that it matters.
  const seeded = new Set(states.flatMap((signal, k) => (adjoint.states.has(signal) ? [finalSlot(k)] : [])));
  return {
    ...adjoint,
    forward: {
      ...adjoint.forward,
      operators: adjoint.forward.operators.filter((op) => op.kind !== "record" || !op.slot.startsWith("final:")),
    },
    backward: { ...adjoint.backward, operators: adjoint.backward.operators.filter((op) => !seeded.has(op.origin)) },
  };
}
