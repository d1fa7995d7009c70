import type { Operator } from "../ir/operators.ts";
import type { StreamMaker } from "../ir/program.ts";
import { range, Signal } from "../ir/signal.ts";
import { HostSynapse } from "../synapses/hostSynapse.ts";
import type { Synapse } from "../synapses/synapse.ts";
import type { Model } from "./model.ts";
import { noRoles, rangeOf, whole, type Slot } from "./operators.ts";

/**
 * A synapse over a signal. It updates, so that readers see it one step later; inside a learning rule it sets.
 * Like every process of Nengo's it also reads the time, and takes a draw unless it has a seed.
 */
export function filter(model: Model, synapse: Synapse, from: Slot, name: string, role: "set" | "update" = "update"): Slot {
  const label = `SimProcess ${synapse.type} of ${name}`;
  const size = from.picked.length;
  const output = new Signal(`${name}.filtered`, { shape: [size], perItem: true });
  const states: Signal[] = [];
  const state = (key: string, shape: readonly number[]): Signal => {
    const signal = new Signal(`${name}.filtered.${key}`, { shape, perItem: true });
    states.push(signal);
    return signal;
  };
  const lower = (stream: number | null): Operator[] =>
    synapse.lower({ dt: model.dt, input: rangeOf(from), output: range(output), role, stream, origin: label, state });
  const hosted = synapse instanceof HostSynapse;
  const maker: StreamMaker = hosted ? { kind: "process", make: () => synapse.process(model.dt, size) } : { kind: "none" };
  // Lowered once, so that both phases share the filter's state.
  const operators = hosted ? null : lower(null);
  model.add({
    ...noRoles,
    label,
    reads: [model.time[1], from.touched],
    sets: role === "set" ? [output] : [],
    updates: role === "update" ? [output, ...states] : states,
    stream: { origin: label, seed: synapse.seed === null ? { kind: "draw" } : { kind: "fixed", seed: synapse.seed }, maker },
    lower: (_phase, stream) => operators ?? lower(stream),
  });
  return whole(output);
}
