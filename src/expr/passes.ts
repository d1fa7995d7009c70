import { exp, expm1, log, log1p, sigmoid, tanh } from "../math/elementary.ts";
import type { BinaryOp, UnaryOp } from "./expr.ts";
import { POOL } from "./pool.ts";

/**
 * The inner loops of vectorised expressions ("passes"), one an operation and kind of operands. They are long-windedly
 * written out, because a loop that calls a function given to it is several times slower. Arrays are offsets in the pool.
 *
 * All arithmetic is float64; float32 programs use the rounded variants, with the bits of float32 arithmetic (rounding
 * twice is harmless for + - * / sqrt). Spikes are hard to predict, so no loop branches on a value: `Number(comparison)`
 * is a flag in a register, and a choice of two is a look-up in {@link pair} (a third of the time of `?:` on random data).
 * `| 0` tells V8 that an index is an int32, which halves the time of most loops.
 */

/** For each lane i below n: element `out + i` from `a + i`, `b + i` and (selects) the condition `c + i`. */
export type Pass = (n: number, out: number, a: number, b: number, c: number) => void;

/** How a binary operation runs by kinds of operands; one number for all lanes stands at `a` or `b` itself. */
export interface BinaryPasses {
  readonly arrays: Pass;
  /** Second operand one number. */
  readonly right: Pass;
  /** First operand one number; `swap` means: exchange the operands and run `right` of that operation. */
  readonly left: Pass | { readonly swap: BinaryOp };
}

const pool = POOL;
const pair = new Float64Array(2);

export const unaryPasses: Readonly<Record<UnaryOp, Pass>> = {
  neg: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = -pool[(a + i) | 0];
  },
  abs: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.abs(pool[(a + i) | 0]);
  },
  sign: (n, out, a) => {
    for (let i = 0; i < n; i++) {
      const x = pool[(a + i) | 0];
      pool[(out + i) | 0] = x > 0 ? 1 : x < 0 ? -1 : x;
    }
  },
  sqrt: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.sqrt(pool[(a + i) | 0]);
  },
  exp: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = exp(pool[(a + i) | 0]);
  },
  expm1: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = expm1(pool[(a + i) | 0]);
  },
  log: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = log(pool[(a + i) | 0]);
  },
  log1p: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = log1p(pool[(a + i) | 0]);
  },
  tanh: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = tanh(pool[(a + i) | 0]);
  },
  sigmoid: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = sigmoid(pool[(a + i) | 0]);
  },
  floor: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.floor(pool[(a + i) | 0]);
  },
  trunc: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.trunc(pool[(a + i) | 0]);
  },
  not: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = Number(pool[(a + i) | 0] === 0);
  },
};

/** Operations whose float64 result need not be a float32 number. */
export const roundedUnaryPasses: Readonly<Partial<Record<UnaryOp, Pass>>> = {
  sqrt: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(Math.sqrt(pool[(a + i) | 0]));
  },
  exp: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(exp(pool[(a + i) | 0]));
  },
  expm1: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(expm1(pool[(a + i) | 0]));
  },
  log: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(log(pool[(a + i) | 0]));
  },
  log1p: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(log1p(pool[(a + i) | 0]));
  },
  tanh: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(tanh(pool[(a + i) | 0]));
  },
  sigmoid: (n, out, a) => {
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(sigmoid(pool[(a + i) | 0]));
  },
};

export const binaryPasses: Readonly<Record<BinaryOp, BinaryPasses>> = {
  add: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = pool[(a + i) | 0] + pool[(b + i) | 0];
    },
    right: (n, out, a, b) => {
      const u = pool[b];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = pool[(a + i) | 0] + u;
    },
    left: { swap: "add" },
  },
  sub: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = pool[(a + i) | 0] - pool[(b + i) | 0];
    },
    right: (n, out, a, b) => {
      const u = pool[b];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = pool[(a + i) | 0] - u;
    },
    left: (n, out, a, b) => {
      const u = pool[a];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = u - pool[(b + i) | 0];
    },
  },
  mul: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = pool[(a + i) | 0] * pool[(b + i) | 0];
    },
    right: (n, out, a, b) => {
      const u = pool[b];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = pool[(a + i) | 0] * u;
    },
    left: { swap: "mul" },
  },
  div: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = pool[(a + i) | 0] / pool[(b + i) | 0];
    },
    right: (n, out, a, b) => {
      const u = pool[b];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = pool[(a + i) | 0] / u;
    },
    left: (n, out, a, b) => {
      const u = pool[a];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = u / pool[(b + i) | 0];
    },
  },
  min: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) {
        const x = pool[(a + i) | 0];
        const y = pool[(b + i) | 0];
        pair[0] = x;
        pair[1] = y;
        pool[(out + i) | 0] = pair[Number(y < x)];
      }
    },
    right: (n, out, a, b) => {
      const y = pool[b];
      pair[1] = y;
      for (let i = 0; i < n; i++) {
        const x = pool[(a + i) | 0];
        pair[0] = x;
        pool[(out + i) | 0] = pair[Number(y < x)];
      }
    },
    left: (n, out, a, b) => {
      const x = pool[a];
      pair[0] = x;
      for (let i = 0; i < n; i++) {
        const y = pool[(b + i) | 0];
        pair[1] = y;
        pool[(out + i) | 0] = pair[Number(y < x)];
      }
    },
  },
  max: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) {
        const x = pool[(a + i) | 0];
        const y = pool[(b + i) | 0];
        pair[0] = x;
        pair[1] = y;
        pool[(out + i) | 0] = pair[Number(x < y)];
      }
    },
    right: (n, out, a, b) => {
      const y = pool[b];
      pair[1] = y;
      for (let i = 0; i < n; i++) {
        const x = pool[(a + i) | 0];
        pair[0] = x;
        pool[(out + i) | 0] = pair[Number(x < y)];
      }
    },
    left: (n, out, a, b) => {
      const x = pool[a];
      pair[0] = x;
      for (let i = 0; i < n; i++) {
        const y = pool[(b + i) | 0];
        pair[1] = y;
        pool[(out + i) | 0] = pair[Number(x < y)];
      }
    },
  },
  eq: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Number(pool[(a + i) | 0] === pool[(b + i) | 0]);
    },
    right: (n, out, a, b) => {
      const u = pool[b];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Number(pool[(a + i) | 0] === u);
    },
    left: { swap: "eq" },
  },
  ne: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Number(pool[(a + i) | 0] !== pool[(b + i) | 0]);
    },
    right: (n, out, a, b) => {
      const u = pool[b];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Number(pool[(a + i) | 0] !== u);
    },
    left: { swap: "ne" },
  },
  lt: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Number(pool[(a + i) | 0] < pool[(b + i) | 0]);
    },
    right: (n, out, a, b) => {
      const u = pool[b];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Number(pool[(a + i) | 0] < u);
    },
    left: { swap: "gt" },
  },
  le: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Number(pool[(a + i) | 0] <= pool[(b + i) | 0]);
    },
    right: (n, out, a, b) => {
      const u = pool[b];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Number(pool[(a + i) | 0] <= u);
    },
    left: { swap: "ge" },
  },
  gt: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Number(pool[(a + i) | 0] > pool[(b + i) | 0]);
    },
    right: (n, out, a, b) => {
      const u = pool[b];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Number(pool[(a + i) | 0] > u);
    },
    left: { swap: "lt" },
  },
  ge: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Number(pool[(a + i) | 0] >= pool[(b + i) | 0]);
    },
    right: (n, out, a, b) => {
      const u = pool[b];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Number(pool[(a + i) | 0] >= u);
    },
    left: { swap: "le" },
  },
  and: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Number(pool[(a + i) | 0] !== 0) & Number(pool[(b + i) | 0] !== 0);
    },
    right: (n, out, a, b) => {
      const u = pool[b];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Number(pool[(a + i) | 0] !== 0) & Number(u !== 0);
    },
    left: { swap: "and" },
  },
  or: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Number(pool[(a + i) | 0] !== 0) | Number(pool[(b + i) | 0] !== 0);
    },
    right: (n, out, a, b) => {
      const u = pool[b];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Number(pool[(a + i) | 0] !== 0) | Number(u !== 0);
    },
    left: { swap: "or" },
  },
};

export const roundedBinaryPasses: Readonly<Partial<Record<BinaryOp, BinaryPasses>>> = {
  add: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(pool[(a + i) | 0] + pool[(b + i) | 0]);
    },
    right: (n, out, a, b) => {
      const u = pool[b];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(pool[(a + i) | 0] + u);
    },
    left: { swap: "add" },
  },
  sub: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(pool[(a + i) | 0] - pool[(b + i) | 0]);
    },
    right: (n, out, a, b) => {
      const u = pool[b];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(pool[(a + i) | 0] - u);
    },
    left: (n, out, a, b) => {
      const u = pool[a];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(u - pool[(b + i) | 0]);
    },
  },
  mul: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(pool[(a + i) | 0] * pool[(b + i) | 0]);
    },
    right: (n, out, a, b) => {
      const u = pool[b];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(pool[(a + i) | 0] * u);
    },
    left: { swap: "mul" },
  },
  div: {
    arrays: (n, out, a, b) => {
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(pool[(a + i) | 0] / pool[(b + i) | 0]);
    },
    right: (n, out, a, b) => {
      const u = pool[b];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(pool[(a + i) | 0] / u);
    },
    left: (n, out, a, b) => {
      const u = pool[a];
      for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(u / pool[(b + i) | 0]);
    },
  },
};

/** By which of the values are one number each. */
export const selectPasses: Readonly<Record<"arrays" | "left" | "right" | "numbers", Pass>> = {
  arrays: (n, out, a, b, c) => {
    for (let i = 0; i < n; i++) {
      pair[0] = pool[(b + i) | 0];
      pair[1] = pool[(a + i) | 0];
      pool[(out + i) | 0] = pair[Number(pool[(c + i) | 0] !== 0)];
    }
  },
  left: (n, out, a, b, c) => {
    pair[1] = pool[a];
    for (let i = 0; i < n; i++) {
      pair[0] = pool[(b + i) | 0];
      pool[(out + i) | 0] = pair[Number(pool[(c + i) | 0] !== 0)];
    }
  },
  right: (n, out, a, b, c) => {
    pair[0] = pool[b];
    for (let i = 0; i < n; i++) {
      pair[1] = pool[(a + i) | 0];
      pool[(out + i) | 0] = pair[Number(pool[(c + i) | 0] !== 0)];
    }
  },
  numbers: (n, out, a, b, c) => {
    pair[1] = pool[a];
    pair[0] = pool[b];
    for (let i = 0; i < n; i++) pool[(out + i) | 0] = pair[Number(pool[(c + i) | 0] !== 0)];
  },
};

export const fillPass: Pass = (n, out, a) => {
  const u = pool[a];
  for (let i = 0; i < n; i++) pool[(out + i) | 0] = u;
};
