import { checkNumber, freeze } from "../declared.ts";
import { add, input, mul } from "../expr/expr.ts";
import type { Operator } from "../ir/operators.ts";
import { operand } from "../ir/signal.ts";
import { exp, expm1 } from "../math/elementary.ts";
import { Synapse, type SynapseLowering } from "./synapse.ts";

/** y' = a y + b x */
const filtered = add(mul(input("a"), input("y")), mul(input("b"), input("x")));

export interface LowpassOptions {
  /** Time constant, s; 0 is a delay of one step. */
  readonly tau: number;
}

/**
 * First-order lowpass filter `1 / (tau s + 1)`, discretised with a zero-order hold:
 * `y[k+1] = a y[k] + (1 - a) x[k]` with `a = exp(-dt / tau)`.
 */
export class Lowpass extends Synapse {
  static override readonly type: string = "Lowpass";
  static override readonly parameters: readonly string[] = ["tau"];
  readonly tau: number;

  constructor(options: LowpassOptions) {
    super(options);
    this.tau = checkNumber(this.type, "tau", options.tau, { min: 0 });
    freeze(this, new.target, Lowpass);
  }

  /** One elementwise operator, whose state is its output. */
  override lower({ dt, input: x, output, role, origin }: SynapseLowering): Operator[] {
    const [a, b] = this.tau === 0 ? [0, 1] : [exp(-dt / this.tau), -expm1(-dt / this.tau)];
    return [
      {
        kind: "elementwise",
        origin,
        shape: [x.length],
        inputs: { x: operand(x), y: operand(output) },
        constants: { a, b },
        outputs: [{ operand: operand(output), role, expr: filtered }],
        differentiable: true,
      },
    ];
  }
}
