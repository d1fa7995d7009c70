import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Writes an SVG document to a file, making its folders; returns the path. */
export function savePlot(path: string, svg: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${svg}\n`);
  return path;
}
