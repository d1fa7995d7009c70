// `npm run assembly`: compiles this folder into src/wasm-backend/binary.ts, and into relaxedBinary.ts with fused multiply-add; with --check it
// only compares.
import { writeModule } from "../writeModule.mjs";

const folder = "assembly/wasm-backend";
const options = [
  "--importMemory",
  "--noExportMemory",
  "--sharedMemory", // the loader changes one byte for memories that are not shared
  ...["--maximumMemory", "65536"],
  ...["--enable", "threads"],
];
await writeModule({ folder, file: "src/wasm-backend/binary.ts", what: "The WebAssembly kernels", options });
await writeModule({
  folder,
  file: "src/wasm-backend/relaxedBinary.ts",
  what: "The WebAssembly kernels with relaxed SIMD",
  options: [...options, "--enable", "relaxed-simd"],
});
