// `npm run assembly`: compiles this folder into src/wasm-backend/binary.ts, and into relaxedBinary.ts with fused multiply-add. With --check it
// only compares, and fails where one of these files is stale.
import { Buffer } from "node:buffer";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "../../src/wasm-backend");
const options = [
  "-O3",
  "--noAssert",
  "--converge",
  ...["--runtime", "stub"],
  ...["--use", "abort="], // nothing is imported but memory
  ...["--disableWarning", "112"], // v128 crosses files here, not the boundary to JavaScript
  "--importMemory",
  "--noExportMemory",
  "--sharedMemory", // the loader changes one byte for memories that are not shared
  ...["--maximumMemory", "65536"],
  ...["--enable", "simd"],
  ...["--enable", "threads"],
];
await write("binary.ts", "The WebAssembly kernels", []);
await write("relaxedBinary.ts", "The WebAssembly kernels with relaxed SIMD", ["--enable", "relaxed-simd"]);

/** Writes one module, or compares it. */
async function write(file, what, features) {
  const { binary, error, stderr } = await compile(features);
  if (error) throw new Error(String(stderr), { cause: error });
  const text = `// Written by \`npm run assembly\` from assembly/wasm-backend (${binary.length} bytes); do not edit.
/** ${what}, base64. */
export const binary =
  "${Buffer.from(binary).toString("base64")}";
`;
  const path = join(target, file);
  if (!process.argv.includes("--check")) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    console.error(`src/wasm-backend/${file} is not what assembly/wasm-backend compiles to: run \`npm run assembly\``);
    process.exitCode = 1;
  }
}

/** The compiler's text output is kept for the error; the module comes back in memory. */
async function compile(features) {
  let binary;
  const result = await asc.main(["index.ts", "--baseDir", here, "--outFile", "kernels.wasm", ...options, ...features], {
    writeFile: (_name, contents) => void (binary = contents),
  });
  return { ...result, binary };
}
