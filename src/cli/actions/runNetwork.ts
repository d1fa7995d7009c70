import { ValidationError } from "../../errors.ts";
import { objectName, type Probe } from "../../network/index.ts";
import { savePlot } from "../../node/savePlot.ts";
import { table } from "../../table.ts";
import { Simulator } from "../../simulator/index.ts";
import type { RunArguments } from "../commands/run.ts";
import { TIME } from "../defaults.ts";
import type { Io } from "../io.ts";
import { loadData } from "../loadData.ts";
import { loadNetwork } from "../loadNetwork.ts";
import { plotProbes } from "../plotProbes.ts";

/** Runs a network and tells, plots or writes what its probes recorded. */
export async function runNetwork(file: string, options: RunArguments, io: Io): Promise<void> {
  const loaded = await loadNetwork(file, options.functions);
  const { network } = loaded;
  const data = loadData(options.data ?? [], loaded);
  const probes = network.allProbes;
  if (options.plot !== undefined && probes.length === 0)
    throw new ValidationError({ owner: "--plot", expected: "a network with a probe", got: "none", fix: "Add a probe to the network" });

  const { dt, engine, dtype, seed, progress: progressBar } = options;
  const started = performance.now();
  const sim = new Simulator(network, { dt, engine, dtype, progressBar, ...(seed === undefined ? {} : { seed }) });
  const built = performance.now();
  const steps =
    options.steps ?? (options.time === undefined && data.length > 0 ? data[0][1].shape[1] : Math.round((options.time ?? TIME) / dt));
  await sim.runSteps(steps, { data });
  const ran = performance.now();
  if (options.plot !== undefined) savePlot(options.plot, plotProbes(sim, probes));

  const seconds = { build: (built - started) / 1000, run: (ran - built) / 1000 };
  if (options.json) {
    const recorded = probes.map((probe) => ({ ...described(probe), ...plain(sim, probe) }));
    const head = { file, label: network.label, seed: sim.seed, dt, steps, time: sim.time, engine: sim.report.engine, dtype, seconds };
    io.out(`${JSON.stringify({ ...head, notes: sim.report.notes, probes: recorded })}\n`);
  } else {
    io.out(`${String(network)}: ${network.nNeurons} neurons\n`);
    io.out(
      `${steps} steps of ${dt} s in ${seconds.run.toFixed(2)} s, built in ${seconds.build.toFixed(2)} s (${sim.report.engine} engine, ${dtype})\n`,
    );
    for (const note of sim.report.notes) io.out(`note: ${note}\n`);
    io.out(probes.length === 0 ? "no probe: nothing was recorded\n" : `\n${summary(sim, probes)}\n`);
    if (options.plot !== undefined) io.out(`\nplots of ${probes.length} probes: ${options.plot}\n`);
  }
  sim.close();
}

const described = (probe: Probe): object => ({
  probe: objectName(probe),
  label: probe.label,
  target: objectName(probe.target),
  attribute: probe.attribute,
  sampleEvery: probe.sampleEvery,
});

function plain(sim: Simulator, probe: Probe): { shape: readonly number[]; data: number[] } {
  const { shape, data } = sim.data.get(probe);
  return { shape, data: Array.from(data) };
}

function summary(sim: Simulator, probes: readonly Probe[]): string {
  const rows = probes.map((probe) => {
    const { shape, data } = sim.data.get(probe);
    let [sum, squares, low, high] = [0, 0, Infinity, -Infinity];
    for (const v of data) {
      sum += v;
      squares += v * v;
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
    const count = data.length;
    const name = [objectName(probe), probe.attribute, `[${shape.join(", ")}]`];
    return count === 0 ? [...name, "", "", "", ""] : [...name, sum / count, Math.sqrt(squares / count), low, high];
  });
  return table(["probe", "attribute", "shape", "mean", "rms", "lowest", "highest"], rows);
}
