import { expect } from "chai";
import { chooseEngine } from "../../src/engines/choose.ts";
import type { WasmEngine } from "../../src/engines/wasm/engine.ts";
import { OwnArena } from "../../src/engines/wasm/memory.ts";
import { ValidationError } from "../../src/errors.ts";

const none = { available: () => false };

describe("chooseEngine", () => {
  it("takes the wasm engine where there is SIMD, in the memory that is given", () => {
    const arena = new OwnArena();
    const { engine, notes } = chooseEngine("auto", "Test", { arena });
    expect([engine.name, notes]).to.deep.equal(["wasm", []]);
    expect((engine as WasmEngine).arena).to.equal(arena);
    expect(chooseEngine("reference", "Test").engine.name).to.equal("reference");
  });

  it("says so where the reference engine runs for want of SIMD, and refuses wasm", () => {
    const { engine, notes } = chooseEngine("auto", "Test", none);
    expect(engine.name).to.equal("reference");
    expect(notes).to.deep.equal(["no WebAssembly SIMD here, so the reference engine runs, which is several times slower"]);
    expect(() => chooseEngine("wasm", "Test", none)).to.throw(ValidationError, "Test.engine: expected a machine with WebAssembly SIMD");
  });
});
