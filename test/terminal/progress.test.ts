import { expect } from "chai";
import { createProgress } from "../../src/terminal/node.ts";
import { createProgress as createSilent } from "../../src/terminal/none.ts";

/** What is written to stderr while `action` runs, stderr being a terminal or not. */
function written(isTTY: boolean, action: () => void): string {
  const { stderr } = process;
  const [write, tty] = [Object.getOwnPropertyDescriptor(stderr, "write"), Object.getOwnPropertyDescriptor(stderr, "isTTY")];
  const stub = { columns: 120, cursorTo: () => true, clearLine: () => true, moveCursor: () => true };
  const kept = Object.keys(stub).map((name) => [name, Object.getOwnPropertyDescriptor(stderr, name)] as const);
  let text = "";
  const capture = (chunk: unknown): boolean => {
    text += String(chunk);
    return true;
  };
  Object.defineProperty(stderr, "write", { value: capture, configurable: true });
  Object.defineProperty(stderr, "isTTY", { value: isTTY, configurable: true });
  for (const [name, value] of Object.entries(stub)) Object.defineProperty(stderr, name, { value, configurable: true });
  try {
    action();
  } finally {
    for (const [name, descriptor] of [["write", write], ["isTTY", tty], ...kept] as const) {
      Reflect.deleteProperty(stderr, name);
      if (descriptor !== undefined) Object.defineProperty(stderr, name, descriptor);
    }
  }
  return text;
}

const busy = (milliseconds: number, each: () => void): void => {
  for (const start = performance.now(); performance.now() - start < milliseconds;) each();
};

describe("progress", () => {
  it("paints a bar on a terminal, rarely, and completes it", () => {
    let calls = 0;
    const text = written(true, () => {
      const progress = createProgress("Simulating", 100, true);
      busy(650, () => progress.update(Math.min(50, calls++)));
      progress.finish("done");
      progress.update(3);
      progress.finish();
    });
    expect(text).to.include("Simulating").and.to.include("50%").and.to.include("100%").and.to.include("done");
    expect(calls).to.be.greaterThan(1000);
    expect(text.split("Simulating").length - 1).to.be.within(2, 14);
  });

  it("leaves no trace of a short run", () => {
    const text = written(true, () => {
      const progress = createProgress("Simulating", 10, true);
      for (let i = 1; i <= 10; i++) progress.update(i);
      progress.finish();
    });
    expect(text).to.equal("");
  });

  it("is silent in a pipe, when switched off, and outside Node", () => {
    for (const [isTTY, make] of [
      [false, () => createProgress("Simulating", 10, true)],
      [true, () => createProgress("Simulating", 10, false)],
      [true, () => createProgress("Simulating", 0, true)],
      [true, () => createSilent("Simulating", 10, true)],
    ] as const) {
      const text = written(isTTY, () => {
        const progress = make();
        busy(450, () => progress.update(5));
        progress.finish();
      });
      expect(text).to.equal("");
    }
  });
});
