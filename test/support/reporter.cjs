// Mocha's spec reporter, which also leaves counts and failures in coverage/result.json, for run.mjs to close with.
const { mkdirSync, writeFileSync } = require("node:fs");
const { reporters } = require("mocha");

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const told = [];
    runner.on("fail", (test, error) => told.push({ title: test.fullTitle(), error: String(error?.stack ?? error) }));
    runner.once("end", () => {
      const { passes, failures } = this.stats;
      mkdirSync("coverage", { recursive: true });
      writeFileSync("coverage/result.json", JSON.stringify({ passed: passes, failed: failures, failures: told }));
      console.log(`${passes} passed, ${failures} failed`);
    });
  }
};
