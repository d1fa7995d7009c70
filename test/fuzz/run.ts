/**
 * `npm run fuzz -- [--seconds 60] [--seed S] [--only words]`: random networks and programs, for as long as is asked. Without a seed the clock gives one;
 * it is printed, and what fails is printed with the command that finds it again.
 */
import { parseArgs } from "node:util";
import fc from "fast-check";
import { properties } from "./properties.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string" }, only: { type: "string", default: "" } },
});
const seconds = Number(values.seconds);
const first = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
const chosen = Object.entries(properties).filter(([name]) => name.includes(values.only));
if (!(seconds > 0) || !Number.isInteger(first) || chosen.length === 0) {
  console.error(`fuzz: expected --seconds above 0, an integer --seed and --only of one of:\n${Object.keys(properties).join("\n")}`);
  process.exit(2);
}

/** Runs of a property at one seed; then the next property has its turn, and then the next seed. */
const RUNS = 20;
const counts = new Map(chosen.map(([name]) => [name, 0]));
const failed = new Set<string>();
const end = Date.now() + 1000 * seconds;
console.log(`seed ${first}, ${seconds} s`);
for (let seed = first; Date.now() < end && failed.size < chosen.length; seed++) {
  for (const [name, property] of chosen) {
    if (failed.has(name) || Date.now() >= end) continue;
    const result = await fc.check(property(), { seed, numRuns: RUNS, interruptAfterTimeLimit: Math.max(1, end - Date.now()) });
    counts.set(name, counts.get(name)! + result.numRuns);
    if (!result.failed || result.counterexample === null) continue;
    failed.add(name);
    const error = result.errorInstance;
    console.error(`\nFAILED: ${name}`);
    console.error(`again: npm run fuzz -- --seed ${seed} --only "${name}"`);
    console.error(`smallest: ${fc.stringify(result.counterexample)}`);
    console.error(error instanceof Error ? error.stack : String(error));
  }
}
for (const [name, count] of counts) console.log(`${String(count).padStart(7)}  ${failed.has(name) ? "FAILED" : "held"}  ${name}`);
process.exitCode = failed.size > 0 ? 1 : 0;
