import { fileURLToPath } from "node:url";
import { linePlot, savePlot, type Series } from "tfjs-nengo/node";

/** Prints the heading of a step. */
export function heading(step: string): void {
  console.log(`\n== ${step}`);
}

/** Prints a condition with its figures and throws where it does not hold. */
export function check(holds: boolean, text: string): void {
  console.log(`   ${holds ? "ok  " : "FAIL"} ${text}`);
  if (!holds) throw new Error(`The example did not hold: ${text}`);
}

const folder = new URL("../../../examples/01-coming-from-nengo/out/", import.meta.url);

/** Writes lines against time as `out/<name>.svg`. */
export function figure(name: string, title: string, yLabel: string, series: readonly Series[]): void {
  const file = new URL(`${name}.svg`, folder);
  savePlot(fileURLToPath(file), linePlot({ title, xLabel: "time (s)", yLabel, series }));
  console.log(`   wrote examples/01-coming-from-nengo/out/${name}.svg`);
}

/** Largest difference of two equally long lists of numbers. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < b.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

/** Root mean square of the differences. */
export function rmse(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < b.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum / b.length);
}

/** Runs work and returns its result with the milliseconds it took. */
export async function timed<T>(work: () => Promise<T> | T): Promise<[T, number]> {
  const start = performance.now();
  const result = await work();
  return [result, performance.now() - start];
}
