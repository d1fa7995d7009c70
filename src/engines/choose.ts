import { ValidationError } from "../errors.ts";
import type { Engine } from "./engine.ts";
import { referenceEngine } from "./reference/engine.ts";
import { tfjsEngine } from "./tfjs/tfjsEngine.ts";
import { WasmEngine } from "./wasm/engine.ts";
import type { Arena } from "./wasm/memory.ts";
import { hasWasmSimd } from "./wasm/support.ts";

/** Engines that may be asked for; `auto` is the fastest that the machine has; `tfjs` computes by tf operations on whichever backend. */
export const engineChoices = ["auto", "reference", "wasm", "tfjs"] as const;
export type EngineChoice = (typeof engineChoices)[number];

export interface ChosenEngine {
  readonly engine: Engine;
  /** What a user should know about the choice. */
  readonly notes: readonly string[];
}

/**
 * An engine of its own memory, or of a given one.
 * @throws ValidationError where `wasm` is asked for and the machine has no WebAssembly SIMD
 */
export function chooseEngine(
  name: EngineChoice,
  owner: string,
  { arena, available = hasWasmSimd }: { readonly arena?: Arena | null; readonly available?: () => boolean } = {},
): ChosenEngine {
  if (name === "reference") return { engine: referenceEngine, notes: [] };
  if (name === "tfjs")
    return { engine: tfjsEngine, notes: ["the tfjs engine runs step by step in tf operations, which is slow on the CPU"] };
  if (available()) return { engine: new WasmEngine(arena ?? undefined), notes: [] };
  if (name === "wasm")
    throw new ValidationError({
      owner,
      parameter: "engine",
      expected: "a machine with WebAssembly SIMD",
      got: "one without it",
      fix: 'Leave engine out, or give "reference", which is slower',
    });
  return { engine: referenceEngine, notes: ["no WebAssembly SIMD here, so the reference engine runs, which is several times slower"] };
}
