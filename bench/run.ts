/** `npm run bench`: the tutorial here and with the peers that bench/peers/setup.sh installed, one after another, as a table. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cpus } from "node:os";
import { table } from "tfjs-nengo/node";

interface Result {
  readonly peer: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly firstRun1000Steps?: number;
  readonly run1000Steps?: { readonly min: number; readonly median: number };
  readonly fit25Epochs?: number;
  readonly evaluateBefore?: number;
  readonly evaluateAfter?: number;
  readonly evaluateWarm?: { readonly min: number; readonly median: number };
  readonly wholeScript: number;
  readonly losses?: { readonly before: number; readonly train: number; readonly after: number };
}

const commands: readonly (readonly string[])[] = [
  [process.execPath, "dist/bench/tutorial.js"],
  ["bench/peers/.venv-nengo/bin/python", "bench/peers/nengo_tutorial.py"],
  ["bench/peers/.venv-nengodl/bin/python", "bench/peers/nengodl_tutorial.py"],
];
const results: Result[] = [];
for (const [program, script] of commands as readonly (readonly [string, string])[]) {
  if (!existsSync(program)) {
    console.error(`${script} left out: run bench/peers/setup.sh first`);
    continue;
  }
  const { stdout, stderr, status } = spawnSync(program, [script], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${script} failed:\n${stderr}`);
  results.push(JSON.parse(stdout.slice(stdout.indexOf("{"))) as Result);
}
console.log(`${cpus().length} cores, ${cpus()[0]?.model ?? "unknown"}`);
for (const { peer, versions } of results)
  console.log(
    `${peer}: ${Object.entries(versions)
      .map(([name, v]) => `${name} ${v}`)
      .join(", ")}`,
  );
const seconds = (value: number | undefined): string => (value === undefined ? "-" : value.toFixed(4));
const rows: [string, (r: Result) => number | undefined][] = [
  ["1000 steps, first run", (r) => r.firstRun1000Steps],
  ["1000 steps, min", (r) => r.run1000Steps?.min],
  ["1000 steps, median", (r) => r.run1000Steps?.median],
  ["fit, 25 epochs", (r) => r.fit25Epochs],
  ["evaluate before", (r) => r.evaluateBefore],
  ["evaluate after", (r) => r.evaluateAfter],
  ["evaluate warm, min", (r) => r.evaluateWarm?.min],
  ["whole script", (r) => r.wholeScript],
  ["loss before", (r) => r.losses?.before],
  ["loss of training", (r) => r.losses?.train],
  ["loss after", (r) => r.losses?.after],
];
console.log(
  table(
    ["seconds", ...results.map((r) => r.peer)],
    rows.map(([name, of]) => [name, ...results.map((r) => seconds(of(r)))]),
  ),
);
