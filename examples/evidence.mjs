// `npm run evidence lmu`: runs the `evidence` of the compiled example whose folder ends so; the rest of the line goes to it.
import { existsSync, readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";

const folders = readdirSync("dist/examples").filter((name) => existsSync(`dist/examples/${name}/evidence.js`));
const [wanted, ...rest] = process.argv.slice(2);
const folder = folders.find((name) => wanted !== undefined && name.replace(/^\d+-/, "") === wanted);
if (folder === undefined) {
  console.error(`Say which evidence: npm run evidence ${folders.map((name) => name.replace(/^\d+-/, "")).join(" | ")}`);
  process.exitCode = 1;
} else {
  process.argv = [...process.argv.slice(0, 2), ...rest];
  await import(pathToFileURL(`dist/examples/${folder}/evidence.js`).href);
}
