// `npm test`: every check and then the tests. The last line counts the tests, a failed check being one failure more.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";

const result = "coverage/result.json";
rmSync(result, { force: true });

const succeeds = (script) => {
  console.log(`\n> npm run ${script}`);
  return spawnSync("npm", ["run", "--silent", script], { stdio: "inherit", shell: process.platform === "win32" }).status === 0;
};

const failedChecks = ["build", "format:check", "lint", "deps", "publint", "docs:check"].filter((script) => !succeeds(script));
const unitSucceeded = failedChecks.includes("build") ? false : succeeds("unit");

let counts = { passed: 0, failed: 0 };
try {
  counts = JSON.parse(readFileSync(result, "utf8"));
} catch {
  counts.failed = 1; // the tests did not come to their end
}
if (!unitSucceeded && counts.failed === 0) counts.failed = 1; // coverage, or an error outside a test

if (failedChecks.length > 0) console.log(`\nfailed checks: ${failedChecks.join(", ")}`);
const failed = counts.failed + failedChecks.length;
process.exitCode = failed === 0 ? 0 : 1;
console.log(`\n${counts.passed} passed, ${failed} failed`);
