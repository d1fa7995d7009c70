import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { ShapeError, ValidationError } from "../errors.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import { Node, objectName } from "../network/index.ts";
import type { NamedFile } from "./arguments.ts";
import type { LoadedNetwork } from "./loadNetwork.ts";

/** Data of a Node, `[1, steps, size]`. */
export type NodeData = readonly [node: Node, data: NdArray];

/**
 * Reads data of Nodes. A `.csv` file has a row of numbers for every step (a first row of words is left out); JSON has lists
 * `[steps, size]`, `[steps]` for size 1, or `{shape, data}`.
 * @param files - Nodes by label, or by their ids in the network file
 * @throws ValidationError for unknown names and files, ShapeError for another size
 */
export const loadData = (files: readonly NamedFile[], loaded: LoadedNetwork): NodeData[] =>
  files.map(({ name, file }) => {
    const node = nodeOf(name, loaded);
    const owner = `--data ${name}=${file}`;
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch (cause) {
      throw new ValidationError({ owner, expected: "a file", got: `none that can be read (${(cause as Error).message})` });
    }
    const array = ndarray(extname(file) === ".csv" ? rowsOf(text, owner) : parsed(text, owner), { owner });
    const shape = array.shape.length === 3 && array.shape[0] === 1 ? array.shape.slice(1) : array.shape;
    const [steps, size = 1] = shape as readonly [number, number?];
    if (shape.length < 1 || shape.length > 2 || size !== node.sizeOut)
      throw new ShapeError({
        owner,
        expected: `[steps, ${node.sizeOut}], the size of ${objectName(node)}`,
        got: `shape [${array.shape.join(", ")}]`,
      });
    return [node, { shape: [1, steps, size], data: array.data }];
  });

function nodeOf(name: string, { network, objects }: LoadedNetwork): Node {
  const nodes = network.allNodes;
  const labelled = nodes.filter(({ label }) => label === name);
  if (labelled.length === 1) return labelled[0];
  const byId = objects.get(name);
  if (byId instanceof Node) return byId;
  const ids = [...objects].filter(([, object]) => object instanceof Node && object.sizeIn === 0).map(([id]) => id);
  const labels = nodes.filter(({ sizeIn }) => sizeIn === 0).flatMap(({ label }) => label ?? []);
  throw new ValidationError({
    owner: "--data",
    parameter: name,
    expected: "the label or id of one Node",
    got: labelled.length === 0 ? "a name that none has" : `a label that ${labelled.length} have`,
    fix: `Nodes without input: ${[...labels, ...ids].join(", ") || "none"}`,
  });
}

function parsed(text: string, owner: string): ArrayLike_ {
  try {
    return JSON.parse(text) as ArrayLike_;
  } catch (error) {
    throw new ValidationError({
      owner,
      expected: "JSON, or a name that ends in .csv",
      got: `text that is none (${(error as Error).message})`,
    });
  }
}

function rowsOf(text: string, owner: string): number[][] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const numbers = (line: string): number[] => line.split(/[,;\t]/).map((cell) => (cell.trim() === "" ? NaN : Number(cell)));
  const rows = lines.map(numbers);
  if (rows.length > 1 && rows[0].every(Number.isNaN)) rows.shift();
  const bad = rows.findIndex((row) => row.some(Number.isNaN));
  if (bad >= 0)
    throw new ValidationError({
      owner,
      parameter: `row ${bad + 1}`,
      expected: "numbers between commas",
      got: JSON.stringify(lines[lines.length - rows.length + bad]),
    });
  return rows;
}
