import { execFileSync } from "node:child_process";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import "@tensorflow/tfjs-backend-wasm";
import { NengoError, ValidationError } from "../../src/errors.ts";
import type { WasmBackend } from "../../src/wasm-backend/internals.ts";
import { memoryOf } from "../../src/wasm-backend/internals.ts";
import { completeWasmBackend } from "../../src/wasm-backend/index.ts";
import { compile, hasRelaxedSimd, instantiate } from "../../src/wasm-backend/native.ts";
import { checkVersion } from "../../src/wasm-backend/version.ts";
import { rejection } from "../support/rejection.ts";
import { allowRelaxedSimd } from "./support.ts";

const registry = (): Map<string, tf.KernelConfig> => new Map(tf.getKernelsForBackend("wasm").map((config) => [config.kernelName, config]));

describe("completeWasmBackend", () => {
  let previous: string | undefined;
  before(() => (previous = tf.getBackend()));
  after(() => tf.setBackend(previous ?? "cpu"));

  it("leaves tfjs alone until it is called, and on other backends", async () => {
    const stock = registry();
    expect([...stock.keys()]).not.to.include("Conv2DBackpropFilter");
    await tf.setBackend("cpu");
    const report = await completeWasmBackend();
    expect(report).to.deep.include({ backend: "cpu", added: [], replaced: [] });
    expect(report.message).to.match(/cpu, not wasm: nothing was changed/);
    report.undo();
    expect(registry()).to.deep.equal(stock);
  });

  it("says what it added and replaced, and can be undone", async () => {
    await tf.setBackend("wasm");
    const stock = registry();
    const report = await completeWasmBackend();
    expect(report.added).to.include.members([
      "Conv2DBackpropFilter",
      "DepthwiseConv2dNativeBackpropFilter",
      "DepthwiseConv2dNativeBackpropInput",
      "UnsortedSegmentSum",
      "Einsum",
    ]);
    expect(report.added.filter((name) => stock.has(name))).to.deep.equal([]);
    expect(report.replaced).to.include.members(["Slice", "Unpack", "SplitV", "BatchMatMul", "_FusedMatMul", "Exp", "Tanh", "Softplus"]);
    const now = registry();
    for (const name of [...report.added, ...report.replaced]) {
      expect(now.get(name)?.kernelFunc, name).not.to.equal(stock.get(name)?.kernelFunc);
      expect(report.message).to.include(name);
    }
    const others = [...now.keys()].filter((name) => ![...report.added, ...report.replaced].includes(name));
    for (const name of others) expect(now.get(name)).to.equal(stock.get(name));
    expect(await completeWasmBackend(), "a second call").to.equal(report);
    report.undo();
    const after = registry();
    expect([...after.keys()].sort()).to.deep.equal([...stock.keys()].sort());
    for (const [name, config] of after) expect(config, name).to.equal(stock.get(name));
    report.undo(); // once more does no harm
    const again = await completeWasmBackend();
    report.undo(); // nor does the undoing of an older call
    expect(await completeWasmBackend()).to.equal(again);
    again.undo();
  });

  it("uses relaxed SIMD where there is, unless told not to", async () => {
    await tf.setBackend("wasm");
    const reported = async (options = {}): Promise<boolean> => {
      const report = await completeWasmBackend(options);
      expect(/relaxed SIMD/.test(report.message)).to.equal(report.relaxedSimd);
      report.undo();
      return report.relaxedSimd;
    };
    expect(await reported()).to.equal(hasRelaxedSimd());
    allowRelaxedSimd();
    expect(await reported()).to.be.true;
    expect(await reported({ relaxedSimd: false })).to.be.false;
    const report = await completeWasmBackend({ relaxedSimd: false });
    expect(await completeWasmBackend()).to.equal(report);
    const error = await rejection(completeWasmBackend({ relaxedSimd: true }));
    expect(error).to.be.instanceOf(ValidationError);
    expect(error.message).to.match(/relaxedSimd: expected false, as in the call before, got true.*undo/);
    report.undo();
  });

  it("leaves kernels that someone else has registered since", async () => {
    await tf.setBackend("wasm");
    const stock = registry();
    const report = await completeWasmBackend();
    const theirs = { kernelName: "Tanh", backendName: "wasm", kernelFunc: () => [] };
    tf.unregisterKernel("Tanh", "wasm");
    tf.registerKernel(theirs);
    report.undo();
    expect(tf.getKernel("Tanh", "wasm")).to.equal(theirs);
    tf.unregisterKernel("Tanh", "wasm");
    tf.registerKernel(stock.get("Tanh") as tf.KernelConfig);
  });

  it("refuses versions that it was not tested with", () => {
    checkVersion(tf.version_core);
    expect(() => checkVersion("4.23.0")).to.throw(ValidationError, /expected tfjs 4\.22\.0, got 4\.23\.0.*allowUntestedVersion/);
  });

  it("refuses a backend that is built differently", () => {
    expect(() => memoryOf({})).to.throw(ValidationError, /internals/);
    const memory = new WebAssembly.Memory({ initial: 1 });
    expect(() => memoryOf({ wasm: { asm: { memory } } })).to.throw(ValidationError, /internals/);
  });

  it("leaves plain products and convolutions to tfjs where it has threads", async () => {
    await tf.setBackend("wasm");
    const counter = (tf.backend() as unknown as WasmBackend).wasm?.tfjs as { getThreadsCount: () => number };
    const one = counter.getThreadsCount;
    const calls: string[] = [];
    const stock = ["BatchMatMul", "_FusedMatMul", "Conv2D", "FusedConv2D"].map((name) => tf.getKernel(name, "wasm"));
    for (const config of stock) {
      tf.unregisterKernel(config.kernelName, "wasm");
      tf.registerKernel({ ...config, kernelFunc: (args) => (calls.push(config.kernelName), config.kernelFunc(args)) });
    }
    counter.getThreadsCount = () => 4;
    try {
      const report = await completeWasmBackend();
      expect(report.message).to.match(/stay with tfjs's threads/);
      tf.tidy(() => {
        const [a, x] = [tf.ones<tf.Rank.R2>([2, 2]), tf.ones<tf.Rank.R4>([1, 3, 3, 1])];
        const filter = tf.ones<tf.Rank.R4>([2, 2, 1, 1]);
        for (const transposed of [false, true])
          for (const product of [tf.matMul(a, a, transposed), tf.fused.matMul({ a, b: a, transposeA: transposed })])
            expect(Array.from(product.dataSync())).to.deep.equal([2, 2, 2, 2]);
        for (const y of [tf.conv2d(x, filter, 1, "valid"), tf.fused.conv2d({ x, filter, strides: 1, pad: "valid" })])
          expect(Array.from(y.dataSync())).to.deep.equal([4, 4, 4, 4]);
      });
      report.undo();
      expect(calls).to.deep.equal(["BatchMatMul", "_FusedMatMul", "Conv2D", "FusedConv2D"]);
    } finally {
      counter.getThreadsCount = one;
      for (const config of stock) {
        tf.unregisterKernel(config.kernelName, "wasm");
        tf.registerKernel(config);
      }
    }
  });

  it("works on a backend that is made anew", async () => {
    await tf.setBackend("wasm");
    const report = await completeWasmBackend();
    const factory = tf.findBackendFactory("wasm") as () => tf.KernelBackend;
    const product = (): number[] =>
      tf.tidy(() =>
        Array.from(
          tf
            .matMul([[1, 2]], [[3, 4]], false, true)
            .add(tf.exp([0]))
            .dataSync(),
        ),
      );
    expect(product()).to.deep.equal([12]);
    await tf.setBackend("cpu");
    tf.removeBackend("wasm");
    tf.registerBackend("wasm", factory, 2);
    await tf.setBackend("wasm");
    expect(product()).to.deep.equal([12]);
    report.undo();
    expect(product()).to.deep.equal([12]);
  });
});

describe("the compiled kernels", () => {
  /** As much of a backend as they need, over any memory. */
  const over = (memory: WebAssembly.Memory, shared: boolean, threads = 1): WasmBackend => ({
    wasm: {
      ...(shared ? { wasmMemory: memory } : { asm: { memory } }),
      tfjs: { getThreadsCount: () => threads },
      _malloc: () => 4096,
      _free: () => undefined,
    },
    dataIdMap: { get: () => ({ memoryOffset: 0 }) },
    makeOutput: () => ({ dataId: {}, shape: [], dtype: "float32" }),
    incRef: () => undefined,
    disposeData: () => true,
  });

  it("are what assembly/wasm-backend compiles to", function () {
    this.timeout(120_000);
    execFileSync(process.execPath, ["assembly/wasm-backend/compile.mjs", "--check"], { stdio: "pipe" });
  });

  for (const [shared, relaxed] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])
    it(`run over ${shared ? "shared" : "plain"} memory${relaxed ? " with relaxed SIMD" : ""}, of which they own nothing`, async () => {
      if (relaxed) allowRelaxedSimd();
      const module = await compile(shared, relaxed);
      expect(WebAssembly.Module.imports(module)).to.deep.equal([{ module: "env", name: "memory", kind: "memory" }]);
      const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared });
      const native = instantiate(module, over(memory, shared));
      for (const threads of [1, 4]) expect(instantiate(module, over(memory, shared, threads)).threads).to.equal(threads > 1);
      expect(
        new Uint8Array(memory.buffer).every((byte) => byte === 0),
        "no data is written at the start",
      ).to.be.true;
      const heap = new Float32Array(memory.buffer);
      heap.set([1, 2, 3, 4], 0);
      native.product(0, 2, 1, 0, 1, 2, 64, 2, 2, 2, 2, 0, native.scratch(native.productScratch()));
      expect(Array.from(heap.subarray(16, 20))).to.deep.equal([5, 11, 11, 25]);
    });

  it("say when there is no memory left", async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
    const backend = over(memory, false);
    const wasm = { ...(backend.wasm as NonNullable<WasmBackend["wasm"]>), _malloc: () => 0 };
    const native = instantiate(await compile(false, false), { ...backend, wasm });
    expect(() => native.scratch(100)).to.throw(NengoError, /no memory left for 100 bytes/);
  });
});
