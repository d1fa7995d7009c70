import { expect } from "chai";
import { ShapeError } from "../../src/errors.ts";
import { table } from "../../src/node/index.ts";

describe("table", () => {
  it("sets numbers to the right and text to the left", () => {
    const text = table(
      ["name", "loss", "n"],
      [
        ["before", 0.00401234, 12],
        ["after it all", 0.0031, 1000],
      ],
    );
    expect(text.split("\n")).to.deep.equal([
      "name              loss     n",
      "------------  --------  ----",
      "before        0.004012    12",
      "after it all    0.0031  1000",
    ]);
  });

  it("stands empty, and refuses ragged rows", () => {
    expect(table(["a", "bc"], [])).to.equal("a  bc\n-  --");
    expect(() => table(["a", "b"], [[1]])).to.throw(ShapeError, "table.rows: expected 2 cells in each row, got 1");
  });
});
