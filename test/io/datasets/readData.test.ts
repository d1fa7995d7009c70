import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import * as fc from "fast-check";
import * as nengo from "../../../src/index.ts";
import type { DataArray } from "../../../src/io/datasets/dataArray.ts";
import { dataTensors } from "../../../src/io/datasets/dataTensors.ts";
import { readData } from "../../../src/io/datasets/readData.ts";
import { readIdx } from "../../../src/io/datasets/readIdx.ts";
import { readNpy } from "../../../src/io/datasets/readNpy.ts";

/** A NumPy file as `numpy.save` writes it. */
function npy(descr: string, shape: string, numbers: Uint8Array, fortran = "False"): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
  const header = Buffer.from(text.padEnd(128 - 10 - 1) + "\n", "latin1");
  return Buffer.concat([Buffer.from([0x93]), Buffer.from("NUMPY"), Buffer.from([1, 0, header.length, 0]), header, numbers]);
}

const idx = (kind: number, sizes: readonly number[], numbers: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from([0, 0, kind, sizes.length]), ...sizes.map((n) => Buffer.from([0, 0, n >> 8, n & 255])), numbers]);

const bytesOf = (array: { buffer: ArrayBufferLike }): Uint8Array => new Uint8Array(array.buffer);
const plain = ({ shape, data }: DataArray): object => ({ shape, data: Array.from(data) });

describe("data of models from files", () => {
  let place: string;
  before(() => (place = mkdtempSync(join(tmpdir(), "tfjs-nengo-data-"))));
  after(() => rmSync(place, { recursive: true, force: true }));
  const at = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(place, name), content);
    return join(place, name);
  };

  it("reads NumPy files of all kinds", () => {
    const wanted = { shape: [2, 2], data: [1, 2, 3, 100] };
    const kinds: [string, Uint8Array][] = [
      ["<f4", bytesOf(Float32Array.of(1, 2, 3, 100))],
      ["<f8", bytesOf(Float64Array.of(1, 2, 3, 100))],
      ["|u1", Uint8Array.of(1, 2, 3, 100)],
      ["|i1", Uint8Array.of(1, 2, 3, 100)],
      ["<i2", bytesOf(Int16Array.of(1, 2, 3, 100))],
      [">u2", Uint8Array.of(0, 1, 0, 2, 0, 3, 0, 100)],
      ["<i4", bytesOf(Int32Array.of(1, 2, 3, 100))],
      ["<u4", bytesOf(Uint32Array.of(1, 2, 3, 100))],
      ["<i8", bytesOf(BigInt64Array.of(1n, 2n, 3n, 100n))],
      ["<u8", bytesOf(BigUint64Array.of(1n, 2n, 3n, 100n))],
    ];
    for (const [descr, numbers] of kinds) expect(plain(readNpy(npy(descr, "(2, 2)", numbers), "x")), descr).to.deep.equal(wanted);
    expect(plain(readNpy(npy("|b1", "(2,)", Uint8Array.of(1, 0)), "x"))).to.deep.equal({ shape: [2], data: [1, 0] });
    expect(() => readNpy(npy("<f4", "(2, 2)", new Uint8Array(16), "True"), "x")).to.throw(nengo.ValidationError, "in C order");
    expect(() => readNpy(npy("<c8", "(2,)", new Uint8Array(16)), "x")).to.throw(nengo.ValidationError, "numbers of a kind among");
    expect(() => readNpy(npy("|O", "(2,)", new Uint8Array(16)), "x")).to.throw(nengo.ValidationError, "a NumPy array of numbers");
    expect(() => readNpy(npy("<f4", "(3,)", new Uint8Array(16)), "x")).to.throw(
      nengo.ValidationError,
      "12 bytes of numbers for [3], got 16",
    );
  });

  it("reads IDX files, packed or not, and JSON, by their content", () => {
    const images = idx(0x08, [2, 1, 2], Uint8Array.of(1, 2, 3, 255));
    const wanted = { shape: [2, 1, 2], data: [1, 2, 3, 255] };
    for (const file of [at("images.idx", images), at("images.gz", gzipSync(images))])
      expect(plain(readData(file, "--data").x as DataArray)).to.deep.equal(wanted);
    expect(plain(readIdx(idx(0x0d, [1], Uint8Array.of(0x3f, 0x80, 0, 0)), "x"))).to.deep.equal({ shape: [1], data: [1] });
    expect(plain(readIdx(idx(0x0b, [1], Uint8Array.of(0xff, 0xfe)), "x"))).to.deep.equal({ shape: [1], data: [-2] });
    const { x, y } = readData(at("d.json", '{ "x": [[1, 2], [3, 4]], "y": [0, 1] }'), "--data");
    expect([plain(x as DataArray), plain(y as DataArray)]).to.deep.equal([
      { shape: [2, 2], data: [1, 2, 3, 4] },
      { shape: [2], data: [0, 1] },
    ]);
    const named = readData(at("n.json", '{ "x": { "a": [[1]], "b": [[2]] } }'), "--data");
    expect([...(named.x as ReadonlyMap<string, DataArray>).keys()]).to.deep.equal(["a", "b"]);
    expect(named.y).to.equal(null);
    expect(plain(readData(at("l.json", "[[1, 2]]"), "--data").x as DataArray)).to.deep.equal({ shape: [1, 2], data: [1, 2] });
  });

  it("says what is wrong with a file", () => {
    const message = (content: string): string => {
      try {
        readData(at("bad", content), "--data");
      } catch (error) {
        expect(error).to.be.instanceOf(nengo.ValidationError);
        return (error as Error).message.replace(place, "");
      }
      throw new Error("expected an error");
    };
    expect(message("{")).to.include("--data /bad: expected JSON, a NumPy file or an IDX file, got text that is none");
    expect(message("{}")).to.include("expected lists of numbers, or { x, y } of them, got an object");
    expect(message('{ "x": 3 }')).to.include(".x: expected lists of numbers, or an object of them by name, got 3");
    expect(message('{ "x": [[1], [1, 2]] }')).to.include(".x: expected rows of equal length 1");
    expect(message('{ "x": ["a"] }')).to.include("expected numbers");
    expect(() => readData(join(place, "none"), "--data")).to.throw(nengo.ValidationError, "expected a file, got none that can be read");
  });

  it("throws typed errors for whatever bytes there are", () => {
    const good = [npy("<f4", "(2, 2)", new Uint8Array(16)), idx(0x08, [2, 2], new Uint8Array(4))];
    fc.assert(
      fc.property(fc.constantFrom(...good), fc.nat(170), fc.nat(255), fc.nat(170), (bytes, where, value, length) => {
        const changed = Uint8Array.from(bytes);
        changed[where % changed.length] = value;
        const file = at("mutated", changed.subarray(0, Math.max(1, length)));
        try {
          readData(file, "--data");
        } catch (error) {
          expect(error, (error as Error).stack).to.be.instanceOf(nengo.ValidationError);
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it("makes tensors of the shape that a model wants", async () => {
    await nengo.useBackend("cpu");
    const data = { shape: [3, 2, 2], data: Float32Array.from({ length: 12 }, (_, k) => k) };
    const [x] = dataTensors("--data", data, [{ name: "in", shape: [2, 2, 1] }], { items: 2, divide: 2 });
    expect(x.shape).to.deep.equal([2, 2, 2, 1]);
    expect(Array.from(await x.data())).to.deep.equal([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]);
    x.dispose();
    expect(() => dataTensors("--data", data, [{ name: "in", shape: [5] }])).to.throw(
      nengo.ShapeError,
      "expected [items, 5], got [3, 2, 2]",
    );
    const two = [
      { name: "a", shape: [4] },
      { name: "b", shape: [4] },
    ];
    expect(() => dataTensors("--data", data, two)).to.throw(nengo.ValidationError, "expected an object with data of a, b, got one array");
    expect(() => dataTensors("--data", new Map([["c", data]]), two)).to.throw(nengo.ValidationError, "expected data of a, b, got c");
  });
});
