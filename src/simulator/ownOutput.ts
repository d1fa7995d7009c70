import type { BuiltNetwork } from "../build/build.ts";
import { checkOutput } from "../build/node.ts";
import { makeStreams } from "../engines/streams.ts";
import type { Streams } from "../engines/streams.ts";
import { objectName, type Node } from "../network/index.ts";

/**
 * What input Nodes give by themselves, for training data that leaves them out: `[items, nSteps, size]`. A constant and a
 * function of time are the same for all items (the function is called once a step); a process has its own stream in each.
 */
export function ownOutputs(
  built: BuiltNetwork,
  nodes: readonly Node[],
  items: number,
  nSteps: number,
  seed: number,
): Map<Node, Float32Array> {
  const program = built.program("inference");
  const streamOf = new Map(program.operators.flatMap((op) => (op.kind === "feed" ? [[op.slot, op.stream] as const] : [])));
  let streams: Streams | null = null;
  return new Map(
    nodes.map((node) => {
      const size = node.sizeOut;
      const out = new Float32Array(items * nSteps * size);
      const row = (item: number, step: number, values: ArrayLike<number>): void => out.set(values, (item * nSteps + step) * size);
      if (node.kind === "process") {
        streams ??= makeStreams(
          program,
          seed,
          Array.from({ length: items }, (_, b) => b),
        );
        const sources = streams.sources[streamOf.get(built.inputs.get(node)!.slot)!];
        sources.forEach((source, item) => {
          for (let k = 0; k < nSteps; k++) {
            if (source === null || "rng" in source) continue;
            if ("table" in source) {
              const { rows, mode, offset, data } = source.table;
              const at = (mode === "cyclic" ? (k + 1 + offset) % rows : Math.min(k + 1 + offset, rows - 1)) * size;
              row(item, k, data.subarray(at, at + size));
            } else {
              const value = source.step((k + 1) * built.dt, new Float64Array(0));
              row(item, k, typeof value === "number" ? [value] : value);
            }
          }
        });
      } else {
        for (let k = 0; k < nSteps; k++) {
          const value =
            node.kind === "constant"
              ? (node.output as Float64Array)
              : (node.output as (t: number, x: Float64Array) => unknown)((k + 1) * built.dt, new Float64Array(0));
          const values = checkOutput(value, size, objectName(node));
          for (let item = 0; item < items; item++) row(item, k, values);
        }
      }
      return [node, out];
    }),
  );
}
