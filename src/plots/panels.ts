import { svgDocument, svgSize } from "./svg.ts";

/** Sets plots below one another, or in `columns` columns, into one SVG document. */
export function panels(plots: readonly string[], { columns = 1 }: { readonly columns?: number } = {}): string {
  const sizes = plots.map(svgSize);
  const rows = Math.ceil(plots.length / columns);
  const rowHeights = Array.from({ length: rows }, (_, row) =>
    Math.max(...sizes.slice(row * columns, (row + 1) * columns).map((size) => size.height)),
  );
  const columnWidths = Array.from({ length: Math.min(columns, plots.length) }, (_, column) =>
    Math.max(...sizes.filter((_size, i) => i % columns === column).map((size) => size.width)),
  );
  const before = (lengths: readonly number[], i: number): number => lengths.slice(0, i).reduce((a, b) => a + b, 0);
  const placed = plots.map((plot, i) =>
    plot.replace("<svg ", `<svg x="${before(columnWidths, i % columns)}" y="${before(rowHeights, Math.floor(i / columns))}" `),
  );
  return svgDocument(before(columnWidths, columnWidths.length), before(rowHeights, rows), placed.join(""));
}
