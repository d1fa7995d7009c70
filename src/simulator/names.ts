import type { Node, Probe } from "../network/index.ts";

/** A label as tfjs allows names: letters, digits and `-_./`, with a letter or digit first. */
const legal = (text: string): string =>
  text
    .replace(/[\s:]/g, "_")
    .replace(/[^\w.\-/]/g, "")
    .replace(/^[^A-Za-z0-9]+/, "");

/** Distinct names of inputs and outputs: labels, else `node` and `probe`, with `_1`, `_2`, ... for repeats. */
export function ioNames(objects: readonly (Node | Probe)[], kindOf: (object: Node | Probe) => "node" | "probe"): string[] {
  const taken = new Set<string>();
  return objects.map((object) => {
    const base = (object.label === null ? "" : legal(object.label)) || kindOf(object);
    let name = base;
    for (let k = 1; taken.has(name.toLowerCase()); k++) name = `${base}_${k}`;
    taken.add(name.toLowerCase());
    return name;
  });
}
