import type { Signal } from "../ir/signal.ts";
import { checkRoom } from "../math/room.ts";
import type { Plan } from "../plan/plan.ts";
import { floats, type Dtype, type Executable, type Floats, type State } from "./engine.ts";

/*
 * Memory as all engines lay it out: element e of item b of a per-item signal is at `(offset + e) * width + b`, shared signals lie in
 * an array of their own.
 */

/** Memory before the first step. */
export function initialMemory({ layout }: Plan, dtype: Dtype, width: number): { readonly item: Floats; readonly shared: Floats } {
  checkRoom(layout.itemSize * width, "Signals of the network");
  const item = floats(dtype, layout.itemSize * width);
  const shared = floats(dtype, layout.sharedSize);
  for (const signal of layout.signals) {
    if (signal.initial === null) continue;
    const at = layout.offsetOf(signal);
    if (!signal.perItem) shared.set(signal.initial, at);
    else signal.initial.forEach((value, i) => item.fill(value, (at + i) * width, (at + i + 1) * width));
  }
  return { item, shared };
}

/** {@link Executable.read} */
export function readSignal({ plan: { layout }, dtype, batch, width }: Executable, { memory }: State, signal: Signal): Floats {
  const out = floats(dtype, signal.size * batch);
  if (!layout.has(signal)) return out;
  const at = layout.offsetOf(signal) * width;
  for (let b = 0; b < batch; b++) for (let i = 0; i < signal.size; i++) out[b * signal.size + i] = memory[at + i * width + b]!;
  return out;
}

/** {@link Executable.write} */
export function writeSignal(
  { plan: { layout }, batch, width }: Executable,
  { memory }: State,
  signal: Signal,
  values: ArrayLike<number>,
): void {
  if (!layout.has(signal)) return;
  const at = layout.offsetOf(signal) * width;
  for (let b = 0; b < batch; b++) for (let i = 0; i < signal.size; i++) memory[at + i * width + b] = values[b * signal.size + i]!;
}
