import { ShapeError } from "./errors.ts";

/** A cell: numbers are set to the right, text to the left. */
export type Cell = string | number;

/**
 * Sets rows under a header in aligned columns, for a terminal.
 *
 * @throws ShapeError where a row has not as many cells as the header.
 */
export function table(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  { digits = 4 }: { readonly digits?: number } = {},
): string {
  for (const row of rows) {
    if (row.length !== header.length)
      throw new ShapeError({ owner: "table", parameter: "rows", expected: `${header.length} cells in each row`, got: `${row.length}` });
  }
  const show = (cell: Cell): string => (typeof cell === "string" ? cell : formatNumber(cell, digits));
  const cells = rows.map((row) => row.map(show));
  const widths = header.map((name, column) => Math.max(name.length, ...cells.map((row) => row[column].length)));
  const right = header.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === "number"));
  const set = (row: readonly string[]): string =>
    row
      .map((text, column) => (right[column] === true ? text.padStart(widths[column]) : text.padEnd(widths[column])))
      .join("  ")
      .trimEnd();
  return [set(header), widths.map((width) => "-".repeat(width)).join("  "), ...cells.map(set)].join("\n");
}

const formatNumber = (value: number, digits: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(digits)));
