import { Signal } from "../ir/signal.ts";
import type { Model } from "./model.ts";
import { copy, whole, type Slot } from "./operators.ts";

/** A slice that is not evenly spaced by 1 is copied together. */
export function sliced(model: Model, name: string, from: Slot): Slot {
  if (from.picked.index === null) return from;
  const picked = new Signal(`${name}.slice`, { shape: [from.picked.length], perItem: true });
  model.add(copy(from, whole(picked), "set"));
  return whole(picked);
}
