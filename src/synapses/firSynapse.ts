import type { Operator } from "../ir/operators.ts";
import { range } from "../ir/signal.ts";
import { Synapse, type FilterStart, type FilterStep, type SynapseLowering } from "./synapse.ts";

/** A synapse that is a weighted sum of the last inputs. For one of your own, extend this class with `taps`. */
export abstract class FirSynapse extends Synapse {
  /** Weights of the inputs at steps of `dt` seconds, the present one first. */
  abstract taps(dt: number): Float64Array;

  override lower({ dt, input, output, role, origin, state }: SynapseLowering): Operator[] {
    const taps = this.taps(dt);
    const buffer = state("buffer", [taps.length, input.length]);
    return [{ kind: "fir", origin, input, output, buffer: range(buffer), taps, role }];
  }

  override makeStep({ dt, size, y0 }: FilterStart): FilterStep {
    const taps = this.taps(dt);
    const past = Array.from(taps, () => y0?.slice() ?? new Float64Array(size));
    return (x) => {
      past.pop();
      past.unshift(x.slice());
      return x.map((_, lane) => taps.reduce((sum, tap, k) => sum + tap * past[k][lane], 0));
    };
  }
}
