import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { runCli } from "../../src/cli/runCli.ts";
import * as nengo from "../../src/index.ts";

interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface RunResult {
  readonly steps: number;
  readonly time: number;
  readonly seed: number;
  readonly engine: string;
  readonly dtype: string;
  readonly probes: readonly { label: string | null; attribute: string; shape: number[]; data: number[] }[];
}

const main = resolve("dist/src/cli/main.js");

/** The compiled command, as a shell would run it. */
const cli = (...args: string[]): Promise<Finished> => command([main, ...args]);

/** The same within this process, which is quicker: for the many ways to be wrong. */
async function here(...args: string[]): Promise<Finished> {
  const [out, err]: string[][] = [[], []];
  const code = await runCli(args, { out: (text) => void out.push(text), err: (text) => void err.push(text) });
  return { code, out: out.join(""), err: err.join("") };
}

function command(args: readonly string[]): Promise<Finished> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (text: Buffer) => (out += text.toString()));
    child.stderr.on("data", (text: Buffer) => (err += text.toString()));
    child.on("error", fail);
    child.on("close", (code) => done({ code, out, err }));
  });
}

function small(): { net: nengo.Network; value: nengo.Probe; spikes: nengo.Probe } {
  const net = new nengo.Network({ seed: 1, label: "small" });
  const input = net.node([0.5, -0.5], { label: "in" });
  const ensemble = net.ensemble(20, 2, { label: "e" });
  net.connect(input, ensemble);
  const value = net.probe(ensemble, { synapse: 0.01, label: "value" });
  return { net, value, spikes: net.probe(ensemble.neurons, { label: "spikes", sampleEvery: 0.002 }) };
}

describe("the command tfjs-nengo", function () {
  this.timeout(60_000);
  let place: string;
  const at = (name: string, text?: string): string => {
    const path = join(place, name);
    if (text !== undefined) writeFileSync(path, text);
    return path;
  };
  let file: string;
  before(() => {
    place = mkdtempSync(join(tmpdir(), "tfjs-nengo-cli-"));
    file = at("small.json", JSON.stringify(nengo.networkToJSON(small().net)));
  });
  after(() => rmSync(place, { recursive: true, force: true }));

  const failed = ({ code, out, err }: Finished, expectedCode: number, message: string): void => {
    expect(err).to.include(message);
    expect(err).not.to.match(/\n\s+at /);
    expect(out).to.equal("");
    expect(code).to.equal(expectedCode);
  };

  it("is what package.json says, and can be run", () => {
    const { bin } = JSON.parse(readFileSync("package.json", "utf8")) as { bin: Record<string, string> };
    expect(bin).to.deep.equal({ "tfjs-nengo": "dist/src/cli/main.js" });
    expect(readFileSync(main, "utf8")).to.match(/^#!\/usr\/bin\/env node\n/);
  });

  describe("run", () => {
    it("tells what the probes recorded", async () => {
      const { code, out, err } = await cli("run", file, "--time", "0.05");
      expect([code, err]).to.deep.equal([0, ""]);
      expect(out).to.include('Network "small": 20 neurons\n50 steps of 0.001 s in ');
      expect(out).to.match(/Probe "value" +decodedOutput +\[50, 2\] /);
      expect(out).to.match(/Probe "spikes" +output +\[25, 20\] /);
    });

    it("writes the numbers of a Simulator as JSON", async () => {
      const { code, out, err } = await cli("run", file, "--steps", "30", "--seed", "5", "--json");
      expect([code, err]).to.deep.equal([0, ""]);
      const result = JSON.parse(out) as RunResult;
      const { net, value, spikes } = small();
      const sim = new nengo.Simulator(net, { seed: 5, progressBar: false });
      await sim.runSteps(30);
      expect(result).to.include({ steps: 30, time: 0.03, seed: 5, engine: "wasm", dtype: "float64", label: "small" });
      expect(result.probes.map(({ label, attribute }) => [label, attribute])).to.deep.equal([
        ["value", "decodedOutput"],
        ["spikes", "output"],
      ]);
      [value, spikes].forEach((probe, k) => {
        expect(result.probes[k].shape).to.deep.equal(sim.data.get(probe).shape);
        expect(result.probes[k].data).to.deep.equal(Array.from(sim.data.get(probe).data));
      });
    });

    it("draws every probe", async () => {
      const svg = join(place, "plots", "out.svg");
      const { code, out } = await cli("run", file, "--time", "0.05", "--plot", svg);
      expect(code).to.equal(0);
      expect(out).to.include(`plots of 2 probes: ${svg}`);
      const text = readFileSync(svg, "utf8");
      expect(text).to.match(/^<svg /);
      for (const title of ["Probe &quot;value&quot;", "Probe &quot;spikes&quot;", "neuron", "time (s)"]) expect(text).to.include(title);
      expect(statSync(svg).size).to.be.above(2000);
    });

    it("takes data of Nodes, by label or id, as CSV or JSON, and runs as long as they are", async () => {
      const rows = Array.from({ length: 12 }, (_, k) => [k / 12, -k / 12]);
      const csv = at("data.csv", `x,y\n${rows.map((row) => row.join(",")).join("\n")}\n`);
      const json = at("data.json", JSON.stringify(rows));
      const shaped = at("shaped.json", JSON.stringify({ shape: [1, 12, 2], data: rows.flat() }));
      const { net, value } = small();
      const sim = new nengo.Simulator(net, { progressBar: false });
      await sim.runSteps(12, { data: { in: [rows] } });
      const wanted = Array.from(sim.data.get(value).data);
      for (const data of [`in=${csv}`, `in=${json}`, `nodes[0]=${shaped}`]) {
        const { code, out, err } = await here("run", file, "--json", "--no-progress", "--data", data);
        expect([code, err], data).to.deep.equal([0, ""]);
        const result = JSON.parse(out) as RunResult;
        expect(result.steps).to.equal(12);
        expect(result.probes[0].data).to.deep.equal(wanted);
      }
    });

    it("takes functions from a module, and networks from modules", async () => {
      const net = new nengo.Network({ seed: 1 });
      const wave = (t: number): number => Math.sin(t);
      net.probe(net.node(wave));
      const named = at("named.json", JSON.stringify(nengo.networkToJSON(net, { functions: { wave } })));
      const functions = at("functions.mjs", "export const wave = (t) => Math.sin(t); export default 3;");
      const fromFile = await cli("run", named, "--functions", functions, "-n", "2", "--json");
      expect(fromFile.code).to.equal(0);
      expect((JSON.parse(fromFile.out) as RunResult).probes[0].data).to.deep.equal([Math.sin(0.001), Math.sin(0.002)]);

      const module = at(
        "net.mjs",
        `import * as nengo from ${JSON.stringify(`file://${resolve("dist/src/index.js")}`)};
export default async () => { const net = new nengo.Network({ seed: 1 }); net.probe(net.node(7)); return net; };`,
      );
      const fromModule = await cli("run", module, "-n", "2", "--json", "--engine", "reference", "--dtype", "float32");
      expect(fromModule.code).to.equal(0);
      expect(JSON.parse(fromModule.out)).to.deep.include({ engine: "reference", dtype: "float32" });
      expect((JSON.parse(fromModule.out) as RunResult).probes[0].data).to.deep.equal([7, 7]);
    });

    it("says that nothing was recorded where there is no probe", async () => {
      const net = new nengo.Network({ seed: 1 });
      net.ensemble(5, 1);
      const silent = at("silent.json", JSON.stringify(nengo.networkToJSON(net)));
      const { code, out } = await cli("run", silent, "-n", "3");
      expect([code, out.includes("no probe: nothing was recorded")]).to.deep.equal([0, true]);
      failed(await here("run", silent, "--plot", at("o.svg")), 1, "--plot: expected a network with a probe, got none.");
    });

    it("ends with 1 and a message where the work fails", async () => {
      const broken = at("broken.json", '{"format":"nengo-network","version":1,"network":{"ensembles":[{"nNeurons":-3,"dimensions":1}]}}');
      failed(await cli("run", broken), 1, `tfjs-nengo: ${broken}: network.ensembles[0]`);
      failed(await here("run", at("missing.json")), 1, "expected a network file, got none that can be read (ENOENT");
      failed(await here("run", "package.json"), 1, 'package.json: format: expected "nengo-network", got undefined.');
      failed(await here("run", file, "--data", `stimulus=${file}`), 1, "--data.stimulus: expected the label or id of one Node");
      failed(await here("run", file, "--data", `in=${at("none.csv")}`), 1, "expected a file, got none that can be read");
      failed(
        await cli("run", file, "--data", `in=${at("one.csv", "1\n2\n")}`),
        1,
        'expected [steps, 2], the size of Node "in", got shape [2, 1].',
      );
      failed(
        await cli("run", file, "--data", `in=${at("bad.csv", "1,2\n3,x\n")}`),
        1,
        'row 2: expected numbers between commas, got "3,x".',
      );
      failed(await here("run", file, "--data", `in=${at("bad.json", "{")}`), 1, "expected JSON, or a name that ends in .csv");
      failed(
        await cli("run", file, "--time", "1", "--data", `in=${at("two.csv", "1,2\n3,4\n")}`),
        1,
        "expected shape [1, 1000, 2] (batch, steps, size), got [1, 2, 2]",
      );
      failed(
        await cli("run", at("no.mjs", "export default 3;")),
        1,
        "expected a Network as default export or as the export network, got 3.",
      );
      failed(await here("run", at("throws.mjs", "throw new Error('on purpose');")), 1, "got one that cannot be imported (on purpose)");
      failed(await here("run", file, "--plot", join(file, "out.svg")), 1, "tfjs-nengo: ");
    });

    it("shows where an error came from if asked", async () => {
      const { code, err } = await cli("--stack", "run", "package.json");
      expect(code).to.equal(1);
      expect(err).to.match(/NetworkFileError: package\.json.*\n\s+at /);
    });

    it("ends with 2 where the arguments are not understood", async () => {
      failed(await cli("run"), 2, "missing required argument 'file'");
      failed(await here("run", file, "--tim", "1"), 2, "unknown option '--tim'");
      failed(await here("run", file, "--time", "-1"), 2, "It has to be a number above 0.");
      failed(await here("run", file, "--time", ""), 2, "It has to be a number above 0.");
      failed(await here("run", file, "--steps", "1.5"), 2, "It has to be a whole number, 0 or more.");
      failed(await here("run", file, "--time", "1", "--steps", "5"), 2, "cannot be used with option");
      failed(await here("run", file, "--plot", "out.png"), 2, "Plots are SVG: it has to end in .svg.");
      failed(await here("run", file, "--data", "values.csv"), 2, "It has to be NAME=FILE.");
      failed(await here("run", file, "--engine", "gpu"), 2, "Allowed choices are auto, reference, wasm, tfjs.");
      failed(await here("run", file, "another"), 2, "too many arguments");
      failed(await here("frob"), 2, "unknown command 'frob'");
      failed(await here(), 2, "Usage: tfjs-nengo");
    });
  });

  describe("info", () => {
    it("describes objects, sizes, operators, memory and cost", async () => {
      const { code, out, err } = await cli("info", file);
      expect([code, err]).to.deep.equal([0, ""]);
      expect(out).to.include('Network "small", seed 1');
      expect(out).to.include("objects    1 ensembles (20 neurons), 1 Nodes, 1 connections, 2 probes, 0 subnetworks");
      expect(out).to.match(/operators {2}\d+ \(.*matmul.*\), merged into \d+ groups/);
      expect(out).to.match(/memory {5}[\d.]+ KiB an item, [\d.]+ KiB shared/);
      expect(out).to.match(/a step {5}\d+ multiply-adds at most, [\d,]+ elementwise operations/);
      expect(out).to.match(/measured {3}[\d.]+ us a step \(wasm engine\)/);
      expect(out).to.match(/Ensemble "e" +20 +2 +LIF +1\n/);
      expect(out).to.match(/Node "in" to Ensemble "e" +none +Lowpass tau 0\.005/);
    });

    it("counts right, as JSON", async () => {
      const { code, out } = await here("info", file, "--json", "--plan");
      expect(code).to.equal(0);
      const info = JSON.parse(out) as {
        objects: object;
        memory: { parameters: number; probesPerSecond: number };
        operators: { total: number; byKind: Record<string, number> };
        step: { multiplyAdds: number; calls: number; microseconds: number };
        plan: string[];
      };
      expect(info.objects).to.deep.equal({ ensembles: 1, neurons: 20, nodes: 1, connections: 1, probes: 2, networks: 0 });
      // Encoders 20 x 2, biases 20, decoders of a probe 2 x 20.
      expect(info.memory.parameters).to.equal(100);
      expect(info.memory.probesPerSecond).to.equal(8 * (2 * 1000 + 20 * 500));
      expect(info.step).to.include({ multiplyAdds: 80, calls: 0 });
      expect(info.step.microseconds).to.be.above(0);
      expect(Object.values(info.operators.byKind).reduce((a, b) => a + b)).to.equal(info.operators.total);
      expect(info.plan[0]).to.match(/operators, \d+ after simplification/);
    });

    it("shortens long lists unless told otherwise", async () => {
      const net = new nengo.Network({ seed: 1 });
      for (let k = 0; k < 25; k++) net.node(k);
      const many = at("many.json", JSON.stringify(nengo.networkToJSON(net)));
      const [some, all] = [await here("info", many), await here("info", many, "--all")];
      expect(some.out).to.include("... 5 more (--all)");
      expect(some.out).not.to.include("nodes[24]");
      expect(all.out).to.include("nodes[24]");
    });

    it("fails as run does", async () => {
      failed(await here("info", at("missing.json")), 1, "expected a network file");
      failed(await here("info"), 2, "missing required argument 'file'");
    });
  });

  it("helps, with examples, and says its version", async () => {
    for (const args of [["--help"], ["help"]]) {
      const { code, out } = await cli(...args);
      expect([code, out.includes("run [options] <file>"), out.includes("Exit codes: 0 all went well")]).to.deep.equal([0, true, true]);
    }
    for (const name of ["run", "info"]) {
      const { code, out } = await here(name, "--help");
      expect([code, out.includes("Examples:\n  $ tfjs-nengo")]).to.deep.equal([0, true]);
    }
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(await cli("--version")).to.deep.equal({ code: 0, out: `${version}\n`, err: "" });
  });

  it("does not mind a reader that has enough", async () => {
    const read = `
      import { spawn } from "node:child_process";
      const child = spawn(process.execPath, ${JSON.stringify([main, "run", file, "--time", "20", "--json"])}, { stdio: ["ignore", "pipe", "inherit"] });
      child.stdout.once("data", () => child.stdout.destroy());
      child.on("close", (code) => console.log("ended with", code));`;
    const { out, err } = await command(["--input-type=module", "--eval", read]);
    expect([out.trim(), err]).to.deep.equal(["ended with 0", ""]);
  });

  it("leaves nothing behind but what was asked for", () => {
    expect(existsSync("out.svg")).to.equal(false);
  });
});
