import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";

const script = `
import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";
import { linePlot } from "tfjs-nengo/node";
import { linePlot as samePlot } from "tfjs-nengo/plots";
import { completeWasmBackend } from "tfjs-nengo/wasm-backend";

const net = new nengo.Network({ seed: 0 });
const input = net.node((t) => Math.sin(10 * t));
const ensemble = net.ensemble(20, 1);
net.connect(input, ensemble);
const probe = net.probe(ensemble, { synapse: 0.01 });
const sim = new nengo.Simulator(net, { progressBar: false });
await sim.run(0.05);
const { shape, data } = sim.data.get(probe);
sim.close();
const plot = linePlot({ series: [{ label: "decoded", x: data, y: data }] });
await tf.setBackend("cpu");
const { added, message } = await completeWasmBackend();
const alone = nengo.completeWasmBackend === completeWasmBackend && added.length === 0 && message.includes("nothing was changed");
const signature = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a);
const asked = await nengo.loadKeras(signature).catch((error) => error.name === "ConversionError" && error.message.includes("npm install h5wasm"));
console.log(JSON.stringify({ alone, asked, shape, finite: data.every(Number.isFinite), plot: plot.startsWith("<svg") && samePlot === linePlot, backend: tf.getBackend() }));
`;

const typed = `
import * as nengo from "tfjs-nengo";
import { rasterPlot } from "tfjs-nengo/node";
import { firingRatePlot } from "tfjs-nengo/plots";
import { completeWasmBackend, type WasmBackendReport } from "tfjs-nengo/wasm-backend";

const net = new nengo.Network({ seed: 0, label: "typed" });
const input = net.node(new nengo.WhiteSignal({ period: 1, high: 5, rms: 0.3 }));
const ensemble = net.ensemble(20, 1, { neuronType: new nengo.LIF({ tauRc: 0.02 }) });
net.connect(input, ensemble, { function: (x) => Math.sin(x[0] as number), synapse: 0.01 });
const probe = net.probe(ensemble.neurons);
const sim = new nengo.Simulator(net, { dt: 0.001 });
await sim.run(0.05);
export const rates: string = firingRatePlot({ outputs: [["a", { shape: [1, 1, 1], data: [0] }]], dt: 0.001 });
export const plot: string = rasterPlot({ spikes: sim.data.get(probe), dt: 0.001 });
const report: WasmBackendReport = await completeWasmBackend({ allowUntestedVersion: true });
export const kernels: readonly string[] = report.added;
// @ts-expect-error a Network takes no such option: the types must not be any
new nengo.Network({ sead: 0 });
`;

/** What someone who installs the package gets: the packed files, in a folder that knows nothing of this repository. */
describe("the package", function () {
  this.timeout(240_000);
  const exec = promisify(execFile);
  const run = async (command: string, parameters: string[], cwd: string): Promise<string> => {
    try {
      return (await exec(command, parameters, { cwd, maxBuffer: 2 ** 24, shell: process.platform === "win32" })).stdout;
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${command} ${parameters.join(" ")}\n${stdout}\n${stderr}`, { cause: error });
    }
  };

  let place: string;
  let packed: string[];
  before(async () => {
    place = mkdtempSync(join(tmpdir(), "tfjs-nengo-package-"));
    const [tarball] = JSON.parse(await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", place], ".")) as [
      { filename: string; files: { path: string }[] },
    ];
    packed = tarball.files.map(({ path }) => path);
    writeFileSync(join(place, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
    const quiet = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
    await run("npm", ["install", ...quiet, "@tensorflow/tfjs@~4.22.0", `./${tarball.filename}`], place);
  });
  after(() => rmSync(place, { recursive: true, force: true }));

  it("holds the library, its licence and its words, and nothing else", () => {
    expect(packed).to.include.members([
      "package.json",
      "README.md",
      "LICENSE",
      "CHANGELOG.md",
      "dist/src/index.js",
      "dist/src/index.d.ts",
      "dist/src/wasm-backend/index.js",
    ]);
    expect(packed.filter((path) => path.includes("/") && !path.startsWith("dist/src/"))).to.deep.equal([]);
    expect(packed.filter((path) => /\.test\.|tsbuildinfo/.test(path))).to.deep.equal([]);
  });

  it("runs a network in an empty project", async () => {
    writeFileSync(join(place, "main.mjs"), script);
    const printed = await run(process.execPath, ["main.mjs"], place);
    const result = JSON.parse(printed.trim().split("\n").at(-1) as string) as Record<string, unknown>;
    // h5wasm is an optional peer, which is not there
    expect(result).to.include({ finite: true, plot: true, alone: true, asked: true });
    expect(result["shape"]).to.deep.equal([50, 1]);
  });

  it("tells TypeScript its types", async () => {
    writeFileSync(join(place, "main.ts"), typed);
    const options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "ES2023", "--module", "NodeNext", "main.ts"];
    await run(process.execPath, [resolve("node_modules/typescript/bin/tsc"), ...options], place);
  });
});
