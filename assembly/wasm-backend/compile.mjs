// `npm run assembly`: compiles this folder into src/wasm-backend/binary.ts. With --check it only compares, and fails where that file is stale.
import { Buffer } from "node:buffer";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "../../src/wasm-backend/binary.ts");
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
const { binary, error, stderr } = await compile();
if (error) throw new Error(String(stderr), { cause: error });
const text = `// Written by \`npm run assembly\` from assembly/wasm-backend (${binary.length} bytes); do not edit.
/** The WebAssembly kernels, base64. */
export const binary =
  "${Buffer.from(binary).toString("base64")}";
`;
if (!process.argv.includes("--check")) writeFileSync(target, text);
else if (readFileSync(target, "utf8") !== text) {
  console.error("src/wasm-backend/binary.ts is not what assembly/wasm-backend compiles to: run `npm run assembly`");
  process.exitCode = 1;
}

/** The compiler's text output is kept for the error; the module comes back in memory. */
async function compile() {
  let binary;
  const result = await asc.main(["index.ts", "--baseDir", here, "--outFile", "kernels.wasm", ...options], {
    writeFile: (_name, contents) => void (binary = contents),
  });
  return { ...result, binary };
}
