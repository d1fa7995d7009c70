import { expect } from "chai";
import { ShapeError } from "../../src/errors.ts";
import { RandomState } from "../../src/math/random.ts";
import { Table } from "../../src/processes/index.ts";

describe("Table", () => {
  const table = new Table({
    values: [
      [1, 10],
      [2, 20],
      [3, 30],
    ],
  });
  const context = { sizeIn: 0, sizeOut: 2, dt: 0.001, state: {}, rng: new RandomState(0) };

  it("gives row k at step k, then the last one", () => {
    expect(table.runSteps(5)).to.deep.equal({ shape: [5, 2], data: Float64Array.from([1, 10, 2, 20, 3, 30, 3, 30, 3, 30]) });
    // Rows stand for steps, whatever their length.
    expect(table.runSteps(4, { dt: 0.1 }).data).to.deep.equal(Float64Array.from([1, 10, 2, 20, 3, 30, 3, 30]));
  });

  it("is laid out so that step k = 1, the first, has row 0", () => {
    const { rows, mode, offset, data } = table.makeTable(context)!;
    expect({ rows, mode, first: 1 + offset }).to.deep.equal({ rows: 3, mode: "hold", first: 0 });
    expect([...data]).to.deep.equal([1, 10, 2, 20, 3, 30]);
  });

  it("is stepped in a Node with an input", () => {
    expect(table.makeTable({ ...context, sizeIn: 1 })).to.equal(null);
    expect([...(table.makeStep({ ...context, sizeIn: 1 })(0.002, new Float64Array(1)) as Float64Array)]).to.deep.equal([2, 20]);
  });

  it("takes no draw of the simulator's", () => expect(table.seed).to.equal(0));

  it("refuses other shapes", () => {
    for (const values of [3, [1, 2], [[]], [[[1]]]]) expect(() => new Table({ values })).to.throw(ShapeError, "Table.values");
    expect(() => table.makeTable({ ...context, sizeOut: 3 })).to.throw(ShapeError, "rows of 3 numbers");
  });
});
