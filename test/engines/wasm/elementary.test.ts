import { expect } from "chai";
import { i32, int, v128, vector } from "../../../src/engines/wasm/code.ts";
import { elementary32 } from "../../../src/engines/wasm/elementary32.ts";
import { elementary64 } from "../../../src/engines/wasm/elementary64.ts";
import { ModuleBuilder } from "../../../src/engines/wasm/module.ts";
import * as elementary from "../../../src/math/elementary.ts";
import { RandomState } from "../../../src/math/random.ts";
import { expectSame } from "../../support/numbers.ts";

type Name = keyof typeof elementary64;
const names = Object.keys(elementary64) as Name[];
const COUNT = 4096;

/** The function over a block of numbers in memory. */
function compiled<T extends Float64Array<ArrayBuffer> | Float32Array<ArrayBuffer>>(
  name: Name,
  block: new (buffer: ArrayBuffer, offset: number, length: number) => T,
): (x: T) => T {
  const module = new ModuleBuilder();
  const write = (block as unknown) === Float64Array ? elementary64[name] : elementary32[name];
  const one = module.function([v128], [v128], (f, [x]) => f.emit(write(f, x.get)));
  module.function(
    [i32],
    [],
    (f, [bytes]) => {
      const at = f.int(int.const(0));
      f.while(
        () => int.lt(at.get, bytes.get),
        () => {
          f.emit(vector.store(at.get, one.call(vector.load(at.get))));
          f.increase(at, int.const(16));
        },
      );
    },
    "run",
  );
  const memory = new WebAssembly.Memory({ initial: 1 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.encode()), { env: { memory } });
  return (x) => {
    const values = new block(memory.buffer, 0, COUNT);
    values.fill(0);
    values.set(x);
    (instance.exports["run"] as (bytes: number) => void)(values.byteLength);
    return values.slice(0, x.length) as T;
  };
}

/** Numbers of all magnitudes, those where the algorithms change their way, and their neighbours. */
function numbers(rng: RandomState, round: number): Float64Array<ArrayBuffer> {
  const special = [0, -0, 1, -1, 0.5, 2, NaN, Infinity, -Infinity, 710, -746, 39, -38, 40, -40, 22, -22, 2 ** -28, 2 ** -54, -(2 ** -54)];
  special.push(Number.MAX_VALUE, Number.MIN_VALUE, 2 ** -1022, 2 ** 1023, Math.SQRT2, Math.SQRT1_2, -745.2, -744.9, 709.7, 709.8, 2 ** 53);
  const near = special.flatMap((x) => [x, x * (1 + 2 ** -52), x * (1 - 2 ** -52)]);
  return Float64Array.from({ length: COUNT }, (_, i) => {
    if (round === 0 && i < near.length) return near[i];
    const kind = i % 4;
    if (kind === 0) return rng.uniform(-50, 50);
    if (kind === 1) return rng.uniform(-2, 2);
    if (kind === 2) return rng.uniform(-800, 800);
    return (rng.uniform() < 0.5 ? -1 : 1) * 2 ** rng.uniform(-1074, 1024);
  });
}

describe("exp, expm1, log, log1p, tanh and sigmoid in WebAssembly", () => {
  for (const name of names) {
    it(`gives the bits of math/elementary in float64: ${name}`, () => {
      const [run, rng] = [compiled(name, Float64Array), new RandomState(1)];
      for (let round = 0; round < 30; round++) {
        const x = numbers(rng, round);
        expectSame(run(x), x.map(elementary[name]), name);
      }
    });

    it(`is within 4 units in the last place of the true value in float32: ${name}`, () => {
      const [run, rng] = [compiled(name, Float32Array), new RandomState(2)];
      let worst = 0;
      for (let round = 0; round < 30; round++) {
        const x = Float32Array.from(numbers(rng, round), (v, i) => (i % 4 === 2 ? v / 8 : v));
        run(x).forEach((got, i) => {
          const wanted = elementary[name](x[i]);
          if (Number.isNaN(wanted) || !Number.isFinite(Math.fround(wanted))) {
            if (!Object.is(got, Math.fround(wanted))) expect.fail(`${name}(${x[i]}): expected ${wanted}, got ${got}`);
            return;
          }
          // Below the normal numbers the last place is always the same.
          const place = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(wanted))), -126) - 23);
          worst = Math.max(worst, Math.abs(got - wanted) / place);
          if (!(Math.abs(got - wanted) <= 4 * place)) expect.fail(`${name}(${x[i]}): expected ${wanted}, got ${got}`);
        });
      }
      expect(worst).to.be.above(0);
    });
  }
});
