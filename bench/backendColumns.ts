/** What tables have in common whose columns are tfjs's backends and a Python peer, each measured in a process of its own. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";
import { table } from "tfjs-nengo/node";
import { command } from "./runScript.ts";
import { summary } from "./summary.ts";

/** Milliseconds; `processor`: the least time of all threads together, which other work on the machine changes less. */
export type Times = Record<string, ReturnType<typeof summary> & { readonly processor: number }>;

/** Makes a column's backend the present one. */
export async function loadBackend(column: string): Promise<void> {
  if (column === "native") {
    // Copies of tfjs share one engine, so that a backend of another folder serves ours too.
    createRequire(join(process.env["TFJS_NODE_DIR"] as string, "any.js"))("@tensorflow/tfjs-node");
    await tf.setBackend("tensorflow");
  } else if (column === "cpu") await nengo.useBackend("cpu");
  else {
    await nengo.useBackend("wasm");
    if (column === "completed wasm") await nengo.completeWasmBackend();
  }
}

/** Milliseconds of repeats, until about `limit` ms have gone, after `warmUps` that are not counted. */
export async function repeated(
  once: () => unknown,
  { warmUps, limit }: { readonly warmUps: number; readonly limit: number },
): Promise<Times[string]> {
  const times: number[] = [];
  let processor = Infinity;
  for (let k = 0; k < warmUps; k++) await once();
  const end = performance.now() + limit;
  do {
    const [start, used] = [performance.now(), process.cpuUsage()];
    await once();
    times.push(performance.now() - start);
    const { user, system } = process.cpuUsage(used);
    processor = Math.min(processor, (user + system) / 1000);
  } while (performance.now() < end);
  return { ...summary(times), processor };
}

/** How a column is measured: by a script of Python's, or by this file with arguments. */
export type ColumnProgram =
  { readonly peer: string; readonly args: readonly string[] } | { readonly file: string; readonly args: readonly string[] };

/** One column in a process of its own; null, with a word about it, where it is not installed. */
export function measureColumn(column: string, { args, ...how }: ColumnProgram): Times | null {
  if (column === "native" && process.env["TFJS_NODE_DIR"] === undefined) {
    console.error("native left out: TFJS_NODE_DIR names no folder with @tensorflow/tfjs-node");
    return null;
  }
  const program = "peer" in how ? command("nengodl", how.peer) : [process.execPath, how.file];
  if (program === null) return null;
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" };
  const { stdout, stderr, status } = spawnSync(program[0], [...program.slice(1), ...args], { encoding: "utf8", env, maxBuffer: 1 << 28 });
  if (status === 0) return JSON.parse(stdout.trim().split("\n").at(-1) as string) as Times;
  console.error(`${column} failed:\n${stderr.trim().split("\n").slice(-5).join("\n")}`);
  return null;
}

/** Measures columns and prints them side by side. */
export function printColumns(columns: readonly string[], measure: (column: string) => Times | null, digits: number): void {
  const results = columns.flatMap((column) => {
    const times = measure(column);
    return times === null ? [] : [[column, times] as const];
  });
  const names = [...new Set(results.flatMap(([, times]) => Object.keys(times)))];
  const cell = (value: Times[string] | undefined): string =>
    value === undefined ? "" : `${value.min.toFixed(digits)} / ${value.median.toFixed(digits)} (${value.processor.toFixed(digits)})`;
  console.log(
    `${cpus().length} cores, ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}, load ${loadavg()[0].toFixed(1)}; ms, smallest / median (processor)`,
  );
  console.log(
    table(
      ["", ...results.map(([column]) => column)],
      names.map((name) => [name, ...results.map(([, times]) => cell(times[name]))]),
    ),
  );
}
