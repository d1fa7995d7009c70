export { completeWasmBackend, type CompleteWasmBackendOptions, type WasmBackendReport } from "./completeWasmBackend.ts";
