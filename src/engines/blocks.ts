import type { BuiltParameter } from "../build/build.ts";
import type { ParameterRole, Signal } from "../ir/signal.ts";

/** Parameters that a stage is given as one array. */
export interface StageBlock {
  readonly trainable: boolean;
  readonly size: number;
  readonly entries: readonly { readonly parameter: { readonly signal: Signal }; readonly offset: number }[];
}

/** A block of one parameter. */
export const blockOf = (signal: Signal, trainable = true): StageBlock => ({
  trainable,
  size: signal.size,
  entries: [{ parameter: { signal }, offset: 0 }],
});

/** Parameters of one role that train together, as one array: an optimizer pays for every variable. */
export interface Block extends StageBlock {
  readonly role: ParameterRole;
  readonly entries: readonly { readonly parameter: BuiltParameter; readonly offset: number }[];
}

/** Groups parameters by role and by whether they train, in order of building. */
export function parameterBlocks(parameters: readonly BuiltParameter[]): Block[] {
  const blocks = new Map<
    string,
    { role: ParameterRole; trainable: boolean; size: number; entries: { parameter: BuiltParameter; offset: number }[] }
  >();
  for (const trainable of [true, false]) {
    for (const parameter of parameters) {
      if (parameter.signal.trainable !== trainable) continue;
      const key = `${parameter.role} ${trainable}`;
      const block = blocks.get(key) ?? { role: parameter.role, trainable, size: 0, entries: [] };
      blocks.set(key, block);
      block.entries.push({ parameter, offset: block.size });
      block.size += parameter.signal.size;
    }
  }
  return [...blocks.values()];
}

/** The built values of a block, in stored order. */
export function initialBlock(block: Block): Float64Array {
  const out = new Float64Array(block.size);
  for (const { parameter, offset } of block.entries) out.set(parameter.signal.initial!, offset);
  return out;
}
