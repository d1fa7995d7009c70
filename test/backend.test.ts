import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { useBackend } from "../src/backend.ts";
import { ValidationError } from "../src/errors.ts";
import { caught } from "./model/support.ts";

describe("useBackend", () => {
  afterEach(() => tf.setBackend("cpu"));

  it("starts cpu and wasm", async () => {
    for (const name of ["cpu", "wasm"]) {
      await useBackend(name);
      expect(tf.getBackend()).to.equal(name);
      expect(tf.add(tf.tensor1d([1, 2]), 1).arraySync()).to.deep.equal([2, 3]);
    }
  });

  it("names the package that is missing", async () => {
    const error = await caught(() => useBackend("tensorflow"));
    expect(error).to.be.instanceOf(ValidationError);
    expect(error.message).to.match(/npm install @tensorflow\/tfjs-node/);
  });

  it("names the backends there are", async () => {
    for (const name of ["cuda", "toString"])
      expect((await caught(() => useBackend(name))).message).to.match(/one of cpu, wasm, webgl, webgpu, tensorflow/);
  });

  it("is loud where tfjs falls back, and leaves the backend as it was", async () => {
    await useBackend("cpu");
    tf.registerBackend("broken", () => {
      throw new Error("no device");
    });
    const warn = console.warn;
    console.warn = () => undefined; // tfjs prints the failure
    try {
      expect(await caught(() => useBackend("broken"))).to.be.instanceOf(ValidationError);
      expect(tf.getBackend()).to.equal("cpu");
      expect(tf.scalar(2).square().arraySync()).to.equal(4);
    } finally {
      console.warn = warn;
      tf.removeBackend("broken");
    }
  });
});
