// `npm run assembly`: compiles this folder into src/math/linalgBinary.ts; with --check it only compares.
import { writeModule } from "../writeModule.mjs";

await writeModule({ folder: "assembly/linalg", file: "src/math/linalgBinary.ts", what: "The WebAssembly kernels" });
