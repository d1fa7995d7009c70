import { backend, getBackend, getKernel, ready, registerKernel, unregisterKernel, version_core } from "@tensorflow/tfjs-core";
import type { KernelConfig, KernelFunc, NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import { ValidationError } from "../errors.ts";
import { memoryOf } from "./internals.ts";
import type { WasmBackend } from "./internals.ts";
import type { Kernel } from "./kernel.ts";
import { kernels } from "./kernels/index.ts";
import { compile, hasRelaxedSimd, instantiate, isShared } from "./native.ts";
import type { Native } from "./native.ts";
import { checkVersion } from "./version.ts";

/** Options of {@link completeWasmBackend}. */
export interface CompleteWasmBackendOptions {
  /** Goes on with a version of tfjs that was not tested; the backend's internals are checked all the same. Default false. */
  readonly allowUntestedVersion?: boolean;
  /**
   * Products and depthwise convolutions multiply and add in one rounding where the engine has relaxed SIMD (Chrome 114, Node 22) and the
   * processor can: faster and nearer to the truth, but the last bits are then those of the processor. With false results are the same bits
   * on every machine. Default true.
   */
  readonly relaxedSimd?: boolean;
}

/** What {@link completeWasmBackend} did. */
export interface WasmBackendReport {
  /** tfjs's backend at the time of the call; unless it was `wasm`, nothing was done. */
  readonly backend: string;
  /** Names of the kernels that the backend did not have. */
  readonly added: readonly string[];
  /** Names of the kernels that took the place of tfjs's own. */
  readonly replaced: readonly string[];
  /** Whether the kernels use relaxed SIMD: asked for, and the engine has it. */
  readonly relaxedSimd: boolean;
  /** All this in words. */
  readonly message: string;
  /** Puts tfjs's own kernels back. Kernels that someone else has registered since stay. */
  undo(): void;
}

let inForce: WasmBackendReport | undefined;

/**
 * Makes tfjs's wasm backend whole: adds the kernels that training needs and that it lacks, and puts faster ones in the place of some.
 * It changes kernels for the whole program, so it is never called by importing; where it has been called before, it returns the same
 * report again. On any other backend it does nothing and says so.
 *
 * Throws a ValidationError for a version of tfjs that was not tested (see {@link CompleteWasmBackendOptions}), a backend that is not
 * built as expected, an engine without SIMD, or a `relaxedSimd` other than that of a call before; then nothing is changed.
 */
export async function completeWasmBackend(options: CompleteWasmBackendOptions = {}): Promise<WasmBackendReport> {
  const { allowUntestedVersion = false, relaxedSimd } = options;
  const relaxed = relaxedSimd !== false && hasRelaxedSimd();
  await ready();
  const name = getBackend();
  if (name !== "wasm") return nothing(name);
  if (inForce !== undefined) {
    if (relaxedSimd !== undefined) checkSameBuild(relaxed, inForce);
    return inForce;
  }
  if (!allowUntestedVersion) checkVersion(version_core);
  const owner = backend() as unknown as WasmBackend;
  const module = await compile(isShared(memoryOf(owner)), relaxed);
  return (inForce ??= install(module, owner, relaxed));
}

/** @throws ValidationError where the other build of the kernels is in force than is asked for */
function checkSameBuild(relaxedSimd: boolean, report: WasmBackendReport): void {
  if (report.relaxedSimd === relaxedSimd) return;
  throw new ValidationError({
    owner: "completeWasmBackend",
    parameter: "relaxedSimd",
    expected: `${report.relaxedSimd}, as in the call before`,
    got: `${relaxedSimd}`,
    fix: "Call undo() of that call's report first",
  });
}

function nothing(name: string): WasmBackendReport {
  const message = `The backend is ${name}, not wasm: nothing was changed.`;
  return { backend: name, added: [], replaced: [], relaxedSimd: false, message, undo: () => undefined };
}

/** Registers all kernels. A backend that is made anew has another memory, so there is an instance for each. */
function install(module: WebAssembly.Module, first: WasmBackend, relaxedSimd: boolean): WasmBackendReport {
  const instances = new Map<WasmBackend, Native>();
  const nativeOf = (owner: WasmBackend): Native => {
    let native = instances.get(owner);
    if (native !== undefined) return native;
    for (const old of instances.keys()) if (old.wasm === null) instances.delete(old); // removed by tfjs
    instances.set(owner, (native = instantiate(module, owner)));
    return native;
  };
  const { threads } = nativeOf(first); // fails before anything is changed
  const changes = kernels.map((kernel) => replace(kernel, nativeOf));
  const named = (had: boolean): string[] => changes.flatMap(({ stock, ours }) => ((stock !== undefined) === had ? [ours.kernelName] : []));
  const [added, replaced] = [named(false), named(true)];
  const undo = (): void => {
    for (const { stock, ours } of changes) restore(ours, stock);
    for (const native of instances.values()) native.release();
    instances.clear();
    if (inForce === report) inForce = undefined;
  };
  const plain = threads ? " Square convolutions and pools and products without transposes stay with tfjs's threads." : "";
  const fused = relaxedSimd ? " Products use relaxed SIMD." : "";
  const message = `Added ${added.join(", ")}; replaced ${replaced.join(", ")}.${fused}${plain}`;
  const report: WasmBackendReport = { backend: "wasm", added, replaced, relaxedSimd, message, undo };
  return report;
}

interface Change {
  readonly stock: KernelConfig | undefined;
  readonly ours: KernelConfig;
}

function replace(kernel: Kernel, nativeOf: (owner: WasmBackend) => Native): Change {
  const stock = getKernel(kernel.name, "wasm") as KernelConfig | undefined;
  const kernelFunc = (args: { inputs: Record<string, TensorInfo>; backend: object; attrs?: NamedAttrMap }) => {
    const owner = args.backend as WasmBackend;
    const context = { backend: owner, native: nativeOf(owner), stock: () => (stock as KernelConfig).kernelFunc(args) };
    return kernel.run(context, args.inputs, args.attrs ?? {});
  };
  const ours = { ...stock, kernelName: kernel.name, backendName: "wasm", kernelFunc: kernelFunc as KernelFunc };
  if (stock !== undefined) unregisterKernel(kernel.name, "wasm");
  registerKernel(ours); // with tfjs's setupFunc, which a backend made anew runs for the kernel that ours may call
  return { stock, ours };
}

function restore(ours: KernelConfig, stock: KernelConfig | undefined): void {
  if (getKernel(ours.kernelName, "wasm") !== ours) return;
  unregisterKernel(ours.kernelName, "wasm");
  if (stock !== undefined) registerKernel(stock);
}
