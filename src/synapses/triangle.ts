import { checkNumber, freeze } from "../declared.ts";
import type { Operator } from "../ir/operators.ts";
import { range } from "../ir/signal.ts";
import { Synapse, synapseParameters, type FilterStart, type FilterStep, type SynapseLowering, type SynapseOptions } from "./synapse.ts";

export interface TriangleOptions extends SynapseOptions {
  /** Length of the impulse response, s; it falls from its height to 0 in a straight line. */
  readonly t: number;
}

/** A filter whose impulse response is a triangle: a weighted mean of the last `round(t / dt) + 1` inputs, the present one most. */
export class Triangle extends Synapse {
  static override readonly type: string = "Triangle";
  static override readonly parameters: readonly string[] = ["t", ...synapseParameters];
  readonly t: number;

  constructor(options: TriangleOptions) {
    super(options);
    this.t = checkNumber(this.type, "t", options.t, { min: 0 });
    freeze(this, new.target, Triangle);
  }

  /** Weights of the inputs, the present one first. */
  taps(dt: number): Float64Array {
    const n = Math.round(this.t / dt) + 1;
    return Float64Array.from({ length: n }, (_, k) => (n - k) / ((n * (n + 1)) / 2));
  }

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
