import fc from "fast-check";
import * as x from "../../src/expr/index.ts";
import type { Expr } from "../../src/expr/index.ts";

const unary = [x.neg, x.abs, x.sign, x.sqrt, x.exp, x.expm1, x.log, x.log1p, x.tanh, x.sigmoid, x.floor, x.trunc, x.not, x.detach];
const binary = [x.add, x.sub, x.mul, x.div, x.min, x.max, x.eq, x.ne, x.lt, x.le, x.gt, x.ge, x.and, x.or];

/** Numbers with all the odd ones. */
export const number = fc.oneof(
  fc.double({ min: -4, max: 4, noNaN: true }),
  fc.constantFrom(0, -0, 1, -1, 0.5, 2, NaN, Infinity, -Infinity, 5e-324, 1e300, -1e-300),
);

/** A few random expressions that share parts, with every operation and many selects. */
export function expressions(names: readonly string[], length = 24): fc.Arbitrary<Expr[]> {
  const instruction = fc.record({
    kind: fc.integer({ min: 0, max: 9 }),
    op: fc.nat(),
    a: fc.nat(),
    b: fc.nat(),
    c: fc.nat(),
    value: number,
  });
  return fc
    .record({ instructions: fc.array(instruction, { minLength: 1, maxLength: length }), nOutputs: fc.integer({ min: 1, max: 3 }) })
    .map(({ instructions, nOutputs }) => {
      const made: Expr[] = names.map(x.input);
      for (const { kind, op, a, b, c, value } of instructions) {
        // Mostly what was made last, so that expressions get deep.
        const pick = (k: number): Expr => made[k % 3 === 0 ? k % made.length : made.length - 1 - (k % Math.min(made.length, 4))];
        if (kind === 0) made.push(x.constant(value));
        else if (kind <= 3) made.push(unary[op % unary.length](pick(a)));
        else if (kind <= 6) made.push(binary[op % binary.length](pick(a), pick(b)));
        else if (kind === 7) made.push(x.withDerivative(pick(a), pick(b), pick(c)));
        else made.push(x.select(op % 2 === 0 ? x.gt(pick(c), 0.25) : pick(c), pick(a), pick(b)));
      }
      return made.slice(-nOutputs);
    });
}

/** Random expressions without poles that are smooth but for a few jumps and kinks. */
export function smoothExpressions(names: readonly string[], length = 14): fc.Arbitrary<Expr[]> {
  const rules: ((a: Expr, b: Expr, c: Expr) => Expr)[] = [
    x.add,
    x.sub,
    x.mul,
    x.min,
    x.max,
    (a, b) => x.div(a, x.add(1.5, x.mul(b, b))),
    (a) => x.tanh(a),
    (a) => x.sigmoid(a),
    (a) => x.neg(a),
    (a) => x.abs(a),
    (a) => x.exp(x.tanh(a)),
    (a) => x.expm1(x.sigmoid(a)),
    (a) => x.log(x.add(1.25, x.mul(a, a))),
    (a) => x.log1p(x.mul(a, a)),
    (a) => x.sqrt(x.add(1, x.abs(a))),
    (a, b, c) => x.select(x.gt(c, 0.3), a, b),
    (a, b, c) => x.select(x.gt(c, 0.1), x.mul(b, x.log(c)), x.mul(a, x.sqrt(x.sub(0.2, c)))),
  ];
  const instruction = fc.record({
    rule: fc.nat(),
    a: fc.nat(),
    b: fc.nat(),
    c: fc.nat(),
    value: fc.double({ min: -2, max: 2, noNaN: true }),
  });
  return fc.array(instruction, { minLength: 3, maxLength: length }).map((instructions) => {
    const made: Expr[] = [...names.map(x.input), x.constant(0.75)];
    for (const { rule, a, b, c } of instructions)
      made.push(rules[rule % rules.length](made[a % made.length], made[made.length - 1 - (b % 3)], made[c % made.length]));
    return made.slice(-2);
  });
}
