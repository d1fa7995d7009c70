// `npm run example 03`: runs the compiled example whose folder begins so; the rest of the line goes to it.
import { readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";

const folders = readdirSync("dist/examples", { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && /^\d\d-/.test(entry.name))
  .map(({ name }) => name)
  .sort();
const [wanted, ...rest] = process.argv.slice(2);
const folder = wanted === undefined ? undefined : folders.find((name) => name.startsWith(wanted));
if (folder === undefined) {
  console.error(`Say which example: npm run example ${folders.map((name) => name.split("-")[0]).join(" | ")}\n  ${folders.join("\n  ")}`);
  process.exitCode = 1;
} else {
  process.argv = [...process.argv.slice(0, 2), ...rest];
  await import(pathToFileURL(`dist/examples/${folder}/main.js`).href);
}
