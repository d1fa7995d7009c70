import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const examples = readdirSync("examples", { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && /^\d\d-/.test(entry.name))
  .map(({ name }) => name);

/** Examples of minutes, which here run on a part of their data. */
const parameters: Readonly<Record<string, readonly string[]>> = {
  "02-spiking-mnist": ["small"],
  "03-lmu": ["small"],
  "05-keras-to-spiking": ["small"],
  "06-a-model-from-npm": ["small"],
};

describe("examples", () => {
  for (const name of examples) {
    it(`${name} runs, holds and writes its plots`, function () {
      this.timeout(120_000);
      const { status, stdout, stderr } = spawnSync(process.execPath, [`dist/examples/${name}/main.js`, ...(parameters[name] ?? [])], {
        encoding: "utf8",
      });
      expect(status, stderr).to.equal(0);
      expect(stdout).to.match(/All steps hold/);
      const plots = [...stdout.matchAll(/wrote (\S+\.svg)/g)].map(([, path]) => path);
      expect(plots).to.have.length.above(0);
      for (const path of plots) expect(readFileSync(path, "utf8")).to.match(/^<svg [\s\S]*<\/svg>\s*$/);
      expect(readFileSync("examples/README.md", "utf8")).to.include(name);
    });
  }
});
