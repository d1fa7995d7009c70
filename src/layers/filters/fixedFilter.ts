import type { Operator } from "../../ir/operators.ts";
import type { Program } from "../../ir/program.ts";
import { range, Signal } from "../../ir/signal.ts";
import type { Synapse } from "../../synapses/synapse.ts";

/** A synapse over all units without trainable parameters; its output is of the present step, not one later as in a network. */
export function fixedFilter(
  synapse: Synapse,
  units: number,
  dt: number,
): { readonly program: Program; readonly states: readonly Signal[] } {
  const input = new Signal("input", { shape: [units], perItem: true });
  const output = new Signal("output", { shape: [units], perItem: true });
  const states: Signal[] = [];
  const origin = synapse.type;
  const state = (name: string, shape: readonly number[]): Signal => {
    const signal = new Signal(name, { shape, perItem: true });
    states.push(signal);
    return signal;
  };
  const step = synapse.lower({ dt, input: range(input), output: range(output), role: "set", stream: null, origin, state });
  // A filter of first order keeps its state in its output.
  const reads = step.some((op) => op.kind === "elementwise" && Object.values(op.inputs).some((o) => o.signal === output));
  const operators: Operator[] = [
    { kind: "time", origin },
    { kind: "feed", origin, target: range(input), slot: "x", stream: null },
    ...step,
    { kind: "record", origin, source: range(output), slot: "y", period: 1 },
  ];
  return { program: { dt, operators, streams: [], results: [] }, states: reads ? [output, ...states] : states };
}
