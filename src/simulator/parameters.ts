import type { LayerVariable } from "@tensorflow/tfjs-layers";
import type { Signal } from "../ir/signal.ts";
import type { NengoLayer } from "../layers/nengoLayer.ts";
import type { Runner } from "./runner.ts";

/** Identity of a variable's present value: assigning gives it another. */
const valueOf = (variable: LayerVariable): object => variable.read().dataId;

/**
 * Keeps a runner's parameters true: as built (float64) until a weight of the layer changes, by training, loading or
 * setting; from then on that weight's values.
 */
export class Parameters {
  private readonly layer: NengoLayer;
  /** Values that stand for "as built". */
  private built: readonly object[];
  /** Values that the runner has. */
  private known: readonly object[];
  /** Where each signal is: the number of its block, and its place in it. */
  private readonly places: ReadonlyMap<Signal, { readonly block: number; readonly offset: number }>;
  /** What had trained when the layer was about to go. */
  private kept: ReadonlyMap<Signal, Float32Array | null> | null = null;

  constructor(layer: NengoLayer) {
    this.layer = layer;
    this.built = layer.blockVariables.map(valueOf);
    this.known = this.built;
    this.places = new Map(
      layer.blocks.flatMap(({ entries }, block) => entries.map(({ parameter, offset }) => [parameter.signal, { block, offset }] as const)),
    );
  }

  /** Hands changed weights on to the runner. */
  synchronize(runner: Runner): void {
    const now = this.layer.blockVariables.map(valueOf);
    this.layer.blocks.forEach((block, k) => {
      if (now[k] === this.known[k]) return;
      const values = this.layer.blockVariables[k].read().dataSync<"float32">();
      for (const { parameter, offset } of block.entries) {
        runner.setParameter(
          parameter.signal,
          now[k] === this.built[k] ? parameter.signal.initial! : values.subarray(offset, offset + parameter.signal.size),
        );
      }
    });
    this.known = now;
  }

  /** Puts built values back into the layer and the runner. */
  restore(runner: Runner): void {
    this.layer.restoreBuilt();
    this.built = this.layer.blockVariables.map(valueOf);
    this.known = [];
    this.synchronize(runner);
  }

  /** Copies trained values, to be read when the layer is disposed. */
  keep(): void {
    this.kept = new Map(
      this.layer.blocks.flatMap((b) => b.entries.map(({ parameter: { signal } }) => [signal, this.trained(signal)] as const)),
    );
  }

  /** A parameter's values in stored order, or null while it is as built. */
  trained(signal: Signal): Float32Array | null {
    if (this.kept !== null) return this.kept.get(signal) ?? null;
    const place = this.places.get(signal);
    if (place === undefined) return null;
    const { block, offset } = place;
    const variable = this.layer.blockVariables[block];
    if (valueOf(variable) === this.built[block]) return null;
    return variable
      .read()
      .dataSync<"float32">()
      .slice(offset, offset + signal.size);
  }
}
