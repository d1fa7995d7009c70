import { InvalidArgumentError } from "commander";

/** A number above 0, as an option's argument. */
export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || !(value > 0)) throw new InvalidArgumentError("It has to be a number above 0.");
  return value;
}

/** A whole number from 0 on, as an option's argument. */
export function whole(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError("It has to be a whole number, 0 or more.");
  return value;
}

/** A path that ends in `.svg`. */
export function svgPath(text: string): string {
  if (!text.toLowerCase().endsWith(".svg")) throw new InvalidArgumentError("Plots are SVG: it has to end in .svg.");
  return text;
}

/** Appends `NAME=FILE` to those given before. */
export function namedFile(text: string, before: readonly NamedFile[] = []): readonly NamedFile[] {
  const at = text.indexOf("=");
  if (at <= 0 || at === text.length - 1) throw new InvalidArgumentError("It has to be NAME=FILE.");
  return [...before, { name: text.slice(0, at), file: text.slice(at + 1) }];
}

/** A Node's name and a file with its data. */
export interface NamedFile {
  readonly name: string;
  readonly file: string;
}
