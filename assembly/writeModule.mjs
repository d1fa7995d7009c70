import { Buffer } from "node:buffer";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What all modules are compiled with. */
const common = [
  "-O3",
  "--noAssert",
  "--converge",
  ...["--runtime", "stub"],
  ...["--use", "abort="], // nothing is imported but, where it says so, memory
  ...["--disableWarning", "112"], // v128 crosses files here, not the boundary to JavaScript
  ...["--enable", "simd"],
];

/**
 * Compiles a folder into a file of src, as base64. With --check among the process's arguments it only compares, and fails where the
 * file is stale.
 */
export async function writeModule({ folder, file, what, options = [] }) {
  const { binary, error, stderr } = await compile(join(root, folder), [...common, ...options]);
  if (error) throw new Error(String(stderr), { cause: error });
  const text = `// Written by \`npm run assembly\` from ${folder} (${binary.length} bytes); do not edit.
/** ${what}, base64. */
export const binary =
  "${Buffer.from(binary).toString("base64")}";
`;
  const path = join(root, file);
  if (!process.argv.includes("--check")) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    console.error(`${file} is not what ${folder} compiles to: run \`npm run assembly\``);
    process.exitCode = 1;
  }
}

/** The compiler's text output is kept for the error; the module comes back in memory. */
async function compile(baseDir, options) {
  let binary;
  const result = await asc.main(["index.ts", "--baseDir", baseDir, "--outFile", "kernels.wasm", ...options], {
    writeFile: (_name, contents) => void (binary = contents),
  });
  return { ...result, binary };
}
