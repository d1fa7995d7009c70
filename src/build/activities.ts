import type { Ensemble } from "../network/index.ts";
import { activitiesAt } from "./decoders.ts";
import type { BuiltEnsemble } from "./model.ts";

/** Numbers that may be kept: 128 MiB. */
const MOST = 2 ** 24;

/**
 * Rates of ensembles at their own evaluation points, and with them what solvers made of these, so that several connections from an
 * ensemble do it once. Those that were not asked for longest make room.
 */
export class Activities {
  private readonly kept = new Map<BuiltEnsemble, Float64Array>();
  private numbers = 0;

  /** `[points, neurons]`, Hz; not to be changed. */
  at(ensemble: Ensemble, built: BuiltEnsemble): Float64Array {
    const known = this.kept.get(built);
    const rates = known ?? activitiesAt(ensemble, built, built.evalPoints);
    this.kept.delete(built);
    this.kept.set(built, rates);
    if (known === undefined) this.numbers += sizeWith(rates, ensemble.nNeurons);
    for (const [oldest, values] of this.kept) {
      if (this.numbers <= MOST) break;
      this.kept.delete(oldest);
      this.numbers -= sizeWith(values, oldest.encoders.shape[0]);
    }
    return rates;
  }

  /** Forgets all. */
  clear(): void {
    this.kept.clear();
    this.numbers = 0;
  }
}

/** With a factor of the normal equations. */
const sizeWith = (rates: Float64Array, neurons: number): number => rates.length + neurons ** 2;
