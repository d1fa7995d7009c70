import { range, Signal } from "../ir/signal.ts";
import type { Synapse } from "../synapses/synapse.ts";
import type { Model } from "./model.ts";
import { noRoles, rangeOf, whole, type Slot } from "./operators.ts";

/**
 * A synapse over a signal. It updates, so that readers see it one step later; inside a learning rule it sets.
 * Like every process of Nengo's it also reads the time.
 */
export function filter(model: Model, synapse: Synapse, from: Slot, name: string, role: "set" | "update" = "update"): Slot {
  const label = `SimProcess ${synapse.type} of ${name}`;
  const output = new Signal(`${name}.filtered`, { shape: [from.picked.length], perItem: true });
  const states: Signal[] = [];
  const state = (key: string, shape: readonly number[]): Signal => {
    const signal = new Signal(`${name}.filtered.${key}`, { shape, perItem: true });
    states.push(signal);
    return signal;
  };
  // Lowered once, so that both phases share the filter's state.
  const operators = synapse.lower({ dt: model.dt, input: rangeOf(from), output: range(output), role, origin: label, state });
  model.add({
    ...noRoles,
    label,
    reads: [model.time[1], from.touched],
    sets: role === "set" ? [output] : [],
    updates: role === "update" ? [output, ...states] : states,
    stream: { origin: label, seed: { kind: "draw" }, maker: { kind: "none" } },
    lower: () => operators,
  });
  return whole(output);
}
