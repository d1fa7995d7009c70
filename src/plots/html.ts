import { FONT, escapeText } from "./svg.ts";

/** A cell of a table: numbers are set to the right. */
export type HtmlCell = string | number;

/** Colours and type of a page: plain, and fit to be printed. */
const STYLE = `
body { font-family: ${FONT}; color: #222; background: white; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; line-height: 1.45; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; font-size: 0.85rem; } td, th { padding: 0.25rem 0.6rem; border-bottom: 1px solid #ddd; text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
svg { max-width: 100%; height: auto; } .notes { font-size: 0.85rem; color: #555; }
`;

/** A whole page without scripts, which needs nothing from elsewhere. */
export const htmlPage = (title: string, parts: readonly string[]): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeText(title)}</h1>
${parts.join("\n")}
</body>
</html>
`;

export const heading = (text: string): string => `<h2>${escapeText(text)}</h2>`;

export const paragraph = (text: string): string => `<p>${escapeText(text)}</p>`;

/** Lines of small print; nothing where there are none. */
export const notes = (lines: readonly string[]): string =>
  lines.length === 0 ? "" : `<ul class="notes">${lines.map((line) => `<li>${escapeText(line)}</li>`).join("")}</ul>`;

/** Rows under a header. */
export function htmlTable(header: readonly string[], rows: readonly (readonly HtmlCell[])[]): string {
  const cell = (value: HtmlCell): string =>
    typeof value === "number" ? `<td class="number">${shown(value)}</td>` : `<td>${escapeText(value)}</td>`;
  return [
    "<table>",
    `<thead><tr>${header.map((name) => `<th>${escapeText(name)}</th>`).join("")}</tr></thead>`,
    `<tbody>${rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("\n")}</tbody>`,
    "</table>",
  ].join("");
}

const shown = (value: number): string =>
  Number.isInteger(value) ? value.toLocaleString("en") : escapeText(String(Number(value.toPrecision(4))));
