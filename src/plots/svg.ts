import { ValidationError } from "../errors.ts";

export const FONT = "system-ui, 'DejaVu Sans', 'Helvetica Neue', Arial, sans-serif";

/** Okabe and Ito's colours, apart for colour-blind eyes as well; the yellow is left out (too pale on white). */
export const COLORS: readonly string[] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#333333"];

/** An SVG document of `width` by `height` pixels on white. */
export const svgDocument = (width: number, height: number, content: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}">` +
  `<rect width="${width}" height="${height}" fill="white"/>${content}</svg>`;

export const escapeText = (text: string): string =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");

/** Width in pixels of a line of text in a common sans-serif font: an estimate, since nothing is laid out here. */
export const textWidth = (text: string, size: number): number => 0.56 * size * text.length;

export const titleText = (title: string, width: number): string =>
  title === ""
    ? ""
    : `<text x="${width / 2}" y="24" text-anchor="middle" font-size="15" font-weight="600" fill="#222">${escapeText(title)}</text>`;

/** The size that an SVG document of this module declares. */
export function svgSize(svg: string): { width: number; height: number } {
  const match = /^<svg [^>]*?width="([\d.]+)" height="([\d.]+)"/.exec(svg);
  if (match === null) {
    throw new ValidationError({
      owner: "panels",
      parameter: "plots",
      expected: "SVG text from linePlot or rasterPlot",
      got: JSON.stringify(svg.slice(0, 40)),
    });
  }
  return { width: Number(match[1]), height: Number(match[2]) };
}
