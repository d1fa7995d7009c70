import type { Operator } from "../ir/operators.ts";
import type { ProcessStep } from "../ir/source.ts";
import { BuildError } from "../errors.ts";
import { Synapse, type SynapseLowering } from "./synapse.ts";

/**
 * A synapse whose step is a JavaScript function, made by `makeStep` once an item and anew by a reset; what it remembers is in its
 * closure. It is called at every step, and not differentiable. (A linear filter is faster as a StateSpaceSynapse, and trains.)
 */
export abstract class HostSynapse extends Synapse {
  /** The step function as a process's, for `size` lanes. */
  process(dt: number, size: number): ProcessStep {
    const step = this.makeStep({ dt, size, y0: null });
    return (_t, x) => step(x);
  }

  override lower({ input, output, role, stream, origin }: SynapseLowering): Operator[] {
    if (stream === null) throw new BuildError(`${origin}: expected a stream for a synapse's step function, got none.`);
    return [{ kind: "host", origin, call: { kind: "stream", stream }, inputs: [input], outputs: [{ range: output, role }], slot: null }];
  }
}
