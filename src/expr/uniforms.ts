import type { Expr } from "./expr.ts";
import { nodesOf } from "./expr.ts";
import { BINARY, UNARY } from "./float64.ts";

/** Expressions that are one number for all lanes, as a list of instructions over one array. */
export class Uniforms {
  /** Value of every expression, at {@link position}. */
  readonly values: Float64Array;
  readonly #positions: ReadonlyMap<Expr, number>;
  readonly #steps: readonly (() => number)[];
  readonly #inputs: readonly number[];
  readonly #round: (x: number) => number;

  /** `names`: the inputs, in the order of {@link set}. With `single`, every operation rounds to float32. */
  constructor(exprs: readonly Expr[], names: readonly string[], single: boolean) {
    const nodes = nodesOf(exprs);
    const positions = new Map(nodes.map((e, i) => [e, i]));
    const values = new Float64Array(nodes.length);
    const at = (e: Expr): number => positions.get(e) as number;
    this.values = values;
    this.#positions = positions;
    this.#round = single ? Math.fround : (x) => x;
    this.#inputs = nodes.map((e) => (e.op === "input" ? names.indexOf(e.name) : -1));
    this.#steps = nodes.map((e) => {
      switch (e.op) {
        case "const":
          return () => e.value;
        case "input":
          return () => NaN;
        case "select": {
          const [c, a, b] = [at(e.c), at(e.a), at(e.b)];
          return () => (values[c] !== 0 ? values[a] : values[b]);
        }
        case "detach":
          return () => values[at(e.a)];
        case "withDerivative":
          return () => values[at(e.value)];
        default: {
          const a = at(e.a);
          if (!("b" in e)) {
            const f = UNARY[e.op];
            return () => f(values[a]);
          }
          const [f, b] = [BINARY[e.op], at(e.b)];
          return () => f(values[a], values[b]);
        }
      }
    });
  }

  position(e: Expr): number {
    return this.#positions.get(e) as number;
  }

  set(inputs: readonly number[]): void {
    this.#steps.forEach((step, i) => {
      const k = this.#inputs[i];
      this.values[i] = this.#round(k < 0 ? step() : inputs[k]);
    });
  }
}
