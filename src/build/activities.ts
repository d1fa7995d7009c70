import { Ensemble, type Network } from "../network/index.ts";
import { activitiesAt } from "./decoders.ts";
import type { BuiltEnsemble } from "./model.ts";

/** Numbers that may be kept: 128 MiB. */
const MOST = 2 ** 24;

/**
 * Rates of ensembles at their own evaluation points, and with them what solvers made of these, so that several connections from an
 * ensemble do it once. They go when the last of these has come; where there are too many, those that were not asked for longest make room.
 */
export class Activities {
  private readonly kept = new Map<BuiltEnsemble, Float64Array>();
  private numbers = 0;
  /** How often the rates of an ensemble will be asked for. */
  private readonly uses = new Map<Ensemble, number>();

  constructor({ allConnections, allProbes }: Network) {
    const expect = (ensemble: unknown): void => {
      if (ensemble instanceof Ensemble) this.uses.set(ensemble, (this.uses.get(ensemble) ?? 0) + 1);
    };
    for (const { preObject, evalPoints } of allConnections) if (evalPoints === null) expect(preObject);
    for (const { object, attribute } of allProbes) if (attribute === "decodedOutput") expect(object);
  }

  /** `[points, neurons]`, Hz; not to be changed. */
  at(ensemble: Ensemble, built: BuiltEnsemble): Float64Array {
    const known = this.kept.get(built);
    const rates = known ?? activitiesAt(ensemble, built, built.evalPoints);
    if (known !== undefined) this.drop(built, known);
    const left = (this.uses.get(ensemble) ?? 0) - 1;
    this.uses.set(ensemble, left);
    if (left > 0) this.keep(built, rates);
    return rates;
  }

  /** Forgets what was counted on and not asked for, as solvers that need no rates leave it. */
  clear(): void {
    this.kept.clear();
    this.numbers = 0;
  }

  private keep(built: BuiltEnsemble, rates: Float64Array): void {
    this.kept.set(built, rates);
    this.numbers += sizeWith(built, rates);
    for (const [oldest, values] of this.kept) {
      if (this.numbers <= MOST) break;
      this.drop(oldest, values);
    }
  }

  private drop(built: BuiltEnsemble, rates: Float64Array): void {
    this.kept.delete(built);
    this.numbers -= sizeWith(built, rates);
  }
}

/** With a factor of the normal equations. */
const sizeWith = ({ encoders }: BuiltEnsemble, rates: Float64Array): number => rates.length + encoders.shape[0] ** 2;
