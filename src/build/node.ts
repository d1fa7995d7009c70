import { SimulationError, describe } from "../errors.ts";
import { range, Signal } from "../ir/signal.ts";
import { objectName, type Node } from "../network/index.ts";
import type { Process } from "../processes/process.ts";
import { Synapse } from "../synapses/synapse.ts";
import type { Model } from "./model.ts";
import { noRoles, reset, whole } from "./operators.ts";
import { processOperator } from "./process.ts";
import { filter } from "./synapse.ts";

/** Checks what a user's function returned: `size` finite numbers. */
export function checkOutput(value: unknown, size: number, owner: string): ArrayLike<number> {
  const row = typeof value === "number" ? new Float64Array(size).fill(value) : (value as ArrayLike<number> | null | undefined);
  if (row === null || row === undefined || typeof row !== "object" || row.length !== size) {
    const got = row === null || row === undefined || typeof row !== "object" ? describe(value) : `${row.length}`;
    throw new SimulationError(
      `${owner}: expected a function that returns ${size} number${size === 1 ? "" : "s"}, got ${got}. Return a number or an array of that length at every step.`,
    );
  }
  for (let i = 0; i < size; i++) {
    if (!Number.isFinite(row[i]))
      throw new SimulationError(
        `${owner}: expected finite numbers, got ${row[i]} at position ${i}. Look for a division by zero or a missing return value.`,
      );
  }
  return row;
}

/** Builds a Node: its signals and, unless it is constant or passes its input on, an operator that sets its output. */
export function buildNode(model: Model, node: Node, index: number): void {
  const name = objectName(node);
  const input = node.sizeIn > 0 ? new Signal(`${name}.in`, { shape: [node.sizeIn], perItem: true }) : null;
  if (input !== null) {
    model.register(node, "in", input);
    model.add(reset(input));
  }
  if (node.kind === "passthrough") {
    if (input !== null) model.register(node, "out", input);
    return;
  }
  if (node.output instanceof Synapse) {
    // As every process of a Node it sets its output: there is no delay.
    model.register(node, "out", filter(model, node.output, whole(input!), name, "set").picked.signal);
    return;
  }
  const fed = input === null && node.sizeOut > 0;
  const slot = fed ? `node:${index}` : null;
  const label = `${node.kind === "process" ? "SimProcess" : node.kind === "tensor" ? "SimTensor" : "SimPyFunc"} ${name}`;
  const initial = node.kind === "constant" ? { initial: node.output as Float64Array } : {};
  const output =
    node.sizeOut > 0 ? model.register(node, "out", new Signal(`${name}.out`, { shape: [node.sizeOut], perItem: true, ...initial })) : null;
  if (slot !== null) model.inputs.set(node, { slot, signal: output! });

  if (node.kind === "process") {
    model.add(
      processOperator(model, node.output as Process, { label, output: output === null ? null : whole(output), role: "set", input, slot }),
    );
  } else if (node.kind === "function") {
    const call = node.output as (t: number, x: Float64Array) => unknown;
    model.add({
      ...noRoles,
      label,
      sets: output === null ? [] : [output],
      reads: input === null ? [model.time[1]] : [model.time[1], input],
      lower: () => [
        {
          kind: "host",
          origin: name,
          call: {
            kind: "function",
            call: (t, [x]) => {
              const value = call(t, x ?? noInput);
              return output === null ? [] : [checkOutput(value, output.size, name)];
            },
          },
          inputs: input === null ? [] : [range(input)],
          outputs: output === null ? [] : [{ range: range(output), role: "set" }],
          slot,
        },
      ],
    });
  } else if (node.kind === "tensor") {
    model.add({
      ...noRoles,
      label,
      sets: [output!],
      reads: input === null ? [model.time[1]] : [model.time[1], input],
      lower: () => [{ kind: "tensor", origin: name, node, x: input === null ? null : range(input), y: range(output!) }],
    });
  }
}

const noInput = new Float64Array(0);
