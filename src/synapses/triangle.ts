import { checkNumber, freeze } from "../declared.ts";
import { checkRoom } from "../math/room.ts";
import { FirSynapse } from "./firSynapse.ts";
import { synapseParameters, type SynapseOptions } from "./synapse.ts";

export interface TriangleOptions extends SynapseOptions {
  /** Length of the impulse response, s; it falls from its height to 0 in a straight line. */
  readonly t: number;
}

/** A filter whose impulse response is a triangle: a weighted mean of the last `round(t / dt) + 1` inputs, the present one most. */
export class Triangle extends FirSynapse {
  static override readonly type: string = "Triangle";
  static override readonly parameters: readonly string[] = ["t", ...synapseParameters];
  readonly t: number;

  constructor(options: TriangleOptions) {
    super(options);
    this.t = checkNumber(this.type, "t", options.t, { min: 0 });
    freeze(this, new.target, Triangle);
  }

  override taps(dt: number): Float64Array {
    const n = checkRoom(Math.round(this.t / dt) + 1, "Triangle.t");
    return Float64Array.from({ length: n }, (_, k) => (n - k) / ((n * (n + 1)) / 2));
  }
}
