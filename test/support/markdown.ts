import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** A fenced `ts` block; `line` is the number of its first line of code in the file, from 0. */
export interface CodeBlock {
  readonly line: number;
  readonly lines: readonly string[];
  /** False for blocks marked `ts no-run`, which are type-checked only. */
  readonly runs: boolean;
}

export interface MarkdownFile {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly lines: readonly string[];
  readonly blocks: readonly CodeBlock[];
  /** Targets of inline links, images and reference definitions, with their line numbers from 1. */
  readonly links: readonly { readonly target: string; readonly line: number }[];
  /** What `#anchor` may name, by GitHub's rule. */
  readonly anchors: ReadonlySet<string>;
}

/** README.md, CHANGELOG.md and everything in docs. */
export function documentation(): MarkdownFile[] {
  const docs = readdirSync("docs", { recursive: true, encoding: "utf8" }).map((path) => join("docs", path));
  const inRoot = readdirSync(".").filter((path) => path === "README.md" || path === "CHANGELOG.md");
  return [...inRoot, ...docs.sort()].filter((path) => path.endsWith(".md")).map(readMarkdown);
}

export function readMarkdown(path: string): MarkdownFile {
  const lines = readFileSync(path, "utf8").split("\n");
  const blocks: CodeBlock[] = [];
  const links: { target: string; line: number }[] = [];
  const anchors = new Set<string>();
  let fence: { mark: string; info: string; start: number } | undefined;
  lines.forEach((line, i) => {
    const mark = /^\s*(```+|~~~+)\s*(.*?)\s*$/.exec(line);
    if (fence !== undefined) {
      if (mark === null || mark[2] !== "" || !mark[1].startsWith(fence.mark)) return;
      const [language, ...flags] = fence.info.split(/\s+/);
      if (language === "ts") blocks.push({ line: fence.start, lines: lines.slice(fence.start, i), runs: !flags.includes("no-run") });
      fence = undefined;
      return;
    }
    if (mark !== null) {
      fence = { mark: mark[1], info: mark[2], start: i + 1 };
      return;
    }
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line);
    if (heading !== null) anchors.add(unusedSlug(heading[1], anchors));
    for (const [, id] of line.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
    const text = line.replace(/`[^`]*`/g, "");
    for (const [, target] of text.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)) links.push({ target: target, line: i + 1 });
    const definition = /^\s*\[[^\]]+\]:\s*(\S+)/.exec(text);
    if (definition !== null) links.push({ target: definition[1], line: i + 1 });
  });
  return { path, lines, blocks, links, anchors };
}

function unusedSlug(heading: string, taken: ReadonlySet<string>): string {
  const slug = heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, "")
    .replace(/ /g, "-");
  let unused = slug;
  for (let i = 1; taken.has(unused); i++) unused = `${slug}-${i}`;
  return unused;
}

/**
 * The code of chosen blocks as one module with the line numbers of the Markdown file: all other lines are empty, and an
 * import that an earlier block already has is left out, so that each block may be read alone.
 */
export function moduleOf(file: MarkdownFile, chosen: (block: CodeBlock) => boolean): string[] {
  const code = file.lines.map(() => "");
  const imports = new Set<string>();
  for (const block of file.blocks.filter(chosen)) {
    block.lines.forEach((line, i) => {
      const isImport = /^import\b.*\bfrom\b/.test(line);
      if (isImport && imports.has(line.trim())) return;
      if (isImport) imports.add(line.trim());
      code[block.line + i] = line;
    });
  }
  return code;
}

/** What a `console.log` is said to print: the `// -> text` at its line's end or in the lines below it. */
export interface StatedOutput {
  readonly line: number;
  readonly expected: string;
}

/** Replaces each `console.log(` that has a stated output by `__print(k, `, k being its index in the list returned. */
export function withStatedOutputs(code: readonly string[]): { code: string[]; outputs: StatedOutput[] } {
  const result = [...code];
  const outputs: StatedOutput[] = [];
  for (let i = 0; i < code.length; i++) {
    const stated: string[] = [];
    const first = i;
    for (let match = statement(code[i]); match !== null; match = statement(code[i])) {
      if (stated.length > 0 && match.before !== "") break;
      stated.push(match.text);
      i++;
    }
    if (stated.length === 0) continue;
    i--;
    let call = first;
    while (call >= 0 && !result[call].includes("console.log(")) call--;
    if (call < 0) throw new Error(`line ${first + 1}: "// ->" without a console.log before it`);
    result[call] = result[call].replace("console.log(", `__print(${outputs.length}, `);
    outputs.push({ line: first + 1, expected: stated.join("\n") });
  }
  return { code: result, outputs };
}

function statement(line: string | undefined): { before: string; text: string } | null {
  const match = /^(.*?)\/\/ ->(?: (.*))?$/.exec(line ?? "");
  return match === null ? null : { before: match[1].trim(), text: (match[2] ?? "").trimEnd() };
}

/** Whether printed text is what was stated; `...` stands for anything within a line. */
export function isStated(printed: string, expected: string): boolean {
  const pattern = expected
    .split("...")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${pattern}$`).test(printed.trimEnd());
}
