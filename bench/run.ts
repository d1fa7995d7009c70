/**
 * `npm run bench -- [ROW ...] [--peers ours,nengo,nengodl] [--engines auto] [--dtypes float64,float32] [--batches 1,32] [--json FILE]`:
 * workloads here and with the peers that bench/peers/setup.sh installed, one process after another, as a table and as JSON.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { resultsTable, type Result } from "./resultsTable.ts";
import { command, measured, peers, type Peer } from "./runScript.ts";
import type { Measurement } from "./summary.ts";
import { trainingTable } from "./trainingTable.ts";
import { workloads } from "./workloads.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peers: { type: "string", default: peers.join() },
    engines: { type: "string", default: "auto" },
    dtypes: { type: "string", default: "float64,float32" },
    /** Items; 0 is one without a batch axis, which NengoDL knows as 1. */
    batches: { type: "string", default: "0,32" },
    json: { type: "string", default: "out/bench.json" },
  },
});
const rows = [...Object.keys(workloads), "relu", "lif", "training"];
const chosen = positionals.length > 0 ? positionals : rows;
for (const row of chosen) {
  if (rows.includes(row)) continue;
  console.error(`No row ${JSON.stringify(row)}; there are ${rows.join(", ")}`);
  process.exit(1);
}
const asked = values.peers.split(",") as Peer[];
const batches = values.batches.split(",");

/** Arguments of every measurement of a row, by peer. */
function runs(row: string): [Peer, string, string[]][] {
  const trained = !(row in workloads);
  const ours = values.engines.split(",").flatMap((engine) =>
    values.dtypes.split(",").flatMap((dtype) =>
      // Items side by side are for training, which is float32.
      batches
        .filter((batch) => batch === "0" || dtype === "float32")
        .map((batch) => [row, "--engine", engine, "--dtype", dtype, "--batch", batch]),
    ),
  );
  const dl = trained ? [[row, "--batch", "64"]] : batches.map((batch) => [row, "--batch", batch === "0" ? "1" : batch]);
  const single = row === "step";
  const all: [Peer, string, string[]][] = [
    ...(trained
      ? [["ours", "recurrentTraining", [row]] as [Peer, string, string[]]]
      : ours.map((args): [Peer, string, string[]] => ["ours", "measure", args])),
    ...(trained ? [] : [["nengo", "nengo_measure", [row]] as [Peer, string, string[]]]),
    ...dl.map((args): [Peer, string, string[]] => ["nengodl", "nengodl_measure", args]),
  ];
  return all.filter(([peer, , args]) => asked.includes(peer) && !(single && args.includes("32")));
}

console.log(
  `${cpus().length} cores, ${cpus()[0]?.model ?? "unknown"}; load ${loadavg()
    .map((v) => v.toFixed(2))
    .join(" ")}`,
);
const results: Result[] = [];
for (const row of chosen.filter((name) => name !== "training")) {
  for (const [peer, script, args] of runs(row)) {
    const program = command(peer, script);
    const result = program === null ? null : measured<Measurement>(program, args);
    if (result === null) continue;
    results.push({ workload: row, ...result });
    console.error(`${row}: ${result.peer} ${result.engine} ${result.dtype} x${result.batch}: ${result.run.min.toPrecision(3)} s`);
  }
}
const training = chosen.includes("training") ? trainingTable(asked) : null;

const versions = new Map([...results, ...(training?.results ?? [])].map((r) => [r.peer, r.versions]));
for (const [peer, of] of versions)
  console.log(
    `${peer}: ${Object.entries(of)
      .map(([name, v]) => `${name} ${v}`)
      .join(", ")}`,
  );
if (results.length > 0) console.log(resultsTable(results));
if (training !== null) console.log(training.text);
mkdirSync(dirname(values.json), { recursive: true });
writeFileSync(
  values.json,
  JSON.stringify(
    {
      machine: { cores: cpus().length, model: cpus()[0]?.model ?? null },
      date: new Date().toISOString(),
      results,
      training: training?.results ?? [],
    },
    null,
    2,
  ),
);
console.log(`written: ${values.json}`);
