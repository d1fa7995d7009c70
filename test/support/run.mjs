// `npm test`: every check and then the tests, which run beside the checks. What failed is told again at the end, and the last line
// counts the tests, a failed check being one failure more.
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";

const result = "coverage/result.json";
rmSync(result, { force: true });

/** Runs a script. Of one that is `aside`, what it prints is kept until it has ended. */
const succeeds = (script, aside = false) =>
  new Promise((resolve) => {
    const stdio = aside ? ["ignore", "pipe", "pipe"] : "inherit";
    const child = spawn("npm", ["run", "--silent", script], { stdio, shell: process.platform === "win32" });
    const printed = [];
    for (const stream of aside ? [child.stdout, child.stderr] : []) stream.on("data", (chunk) => printed.push(chunk));
    if (!aside) console.log(`\n> npm run ${script}`);
    child.once("error", (error) => printed.push(Buffer.from(`${error}\n`)));
    child.once("close", (code) => {
      resolve({ script, passed: code === 0, text: Buffer.concat(printed).toString() });
    });
  });

/** One after the other. */
async function each(scripts) {
  const done = [];
  for (const script of scripts) done.push(await succeeds(script, true));
  return done;
}

const built = await succeeds("build");
const checking = each(["format:check", "lint", "deps", "publint", "docs:check"]);
const unit = built.passed ? await succeeds("unit") : { passed: false };
const checks = await checking;
for (const { script, passed, text } of checks) console.log(`\n> npm run ${script}: ${passed ? "passed" : "failed"}\n${text.trimEnd()}`);
const failedChecks = [built, ...checks].filter(({ passed }) => !passed).map(({ script }) => script);

let counts = { passed: 0, failed: 0, failures: [] };
try {
  counts = JSON.parse(readFileSync(result, "utf8"));
} catch {
  counts.failed = 1; // the tests did not come to their end
}
if (!unit.passed && counts.failed === 0) counts.failed = 1; // an error outside a test

for (const { title, error } of counts.failures) console.log(`\nfailed: ${title}\n${error}`);
if (failedChecks.length > 0) console.log(`\nfailed checks: ${failedChecks.join(", ")}`);
const failed = counts.failed + failedChecks.length;
process.exitCode = failed === 0 ? 0 : 1;
console.log(`\n${counts.passed} passed, ${failed} failed`);
