import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import ts from "typescript";
import type { MarkdownFile } from "./support/markdown.ts";
import { documentation, isStated, moduleOf, readMarkdown, withStatedOutputs } from "./support/markdown.ts";

/** Inside the repository, so that `import ... from "tfjs-nengo"` means this package. */
const folder = resolve("dist/docs-test");
const files = documentation();
const nameOf = (file: MarkdownFile): string => file.path.replace(/[\\/]/g, "-").replace(/\.md$/, "");

describe("documentation", () => {
  before(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  });

  it("begins with a README whose code runs", () => {
    expect(readMarkdown("README.md").blocks.filter((block) => block.runs)).not.to.be.empty;
  });

  it("has only code that type-checks", function () {
    this.timeout(120_000);
    const sources = files.filter((file) => file.blocks.length > 0).map((file) => ({ file, path: join(folder, `${nameOf(file)}.ts`) }));
    for (const { file, path } of sources) writeFileSync(path, [...moduleOf(file, () => true), "export {};"].join("\n"));
    const program = ts.createProgram(
      sources.map(({ path }) => path),
      {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        types: ["node"],
      },
    );
    const problems = ts.getPreEmitDiagnostics(program).map((problem) => {
      const text = ts.flattenDiagnosticMessageText(problem.messageText, "\n");
      if (problem.file === undefined) return text;
      const { line } = problem.file.getLineAndCharacterOfPosition(problem.start ?? 0);
      const source = sources.find(({ path }) => resolve(problem.file?.fileName ?? "") === path);
      return `${source?.file.path ?? problem.file.fileName}:${line + 1}: ${text}`;
    });
    expect(problems.join("\n")).to.equal("");
  });

  for (const file of files) {
    const blocks = file.blocks.filter((block) => block.runs);
    if (blocks.length > 0) {
      it(`${file.path}: ${blocks.length} blocks run and print what they say`, async function () {
        this.timeout(180_000);
        await run(file);
      });
    }
    it(`${file.path}: ${file.links.length} links lead somewhere`, () => {
      const dead = file.links
        .filter(({ target }) => !leadsSomewhere(file, target))
        .map(({ target, line }) => `${file.path}:${line}: ${target}`);
      expect(dead.join("\n")).to.equal("");
    });
  }
});

/** Runs the blocks of a file as one module in a process of its own, in an empty folder, and compares what it prints. */
async function run(file: MarkdownFile): Promise<void> {
  const { code, outputs } = withStatedOutputs(moduleOf(file, (block) => block.runs));
  const { outputText } = ts.transpileModule(code.join("\n"), {
    fileName: resolve(file.path),
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true, inlineSourceMap: true },
  });
  const place = mkdtempSync(join(tmpdir(), "tfjs-nengo-docs-"));
  const printedPath = join(place, ".printed.json");
  const prelude = join(folder, "prelude.mjs");
  writeFileSync(
    prelude,
    `import { writeFileSync } from "node:fs";
import { format } from "node:util";
const printed = {};
globalThis.__print = (k, ...values) => (printed[k] ??= []).push(format(...values));
process.on("exit", () => writeFileSync(process.env.PRINTED, JSON.stringify(printed)));
`,
  );
  const path = join(folder, `${nameOf(file)}.mjs`);
  writeFileSync(path, outputText);
  try {
    await promisify(execFile)(process.execPath, ["--enable-source-maps", "--import", prelude, path], {
      cwd: place,
      env: { ...process.env, PRINTED: printedPath },
      timeout: 170_000,
      maxBuffer: 2 ** 24,
    });
    const printed = JSON.parse(readFileSync(printedPath, "utf8")) as Record<string, string[]>;
    outputs.forEach(({ line, expected }, k) => {
      const actual = printed[k]?.join("\n") ?? "(nothing)";
      expect(
        isStated(actual, expected),
        `${file.path}:${line} says ${JSON.stringify(expected)}, prints ${JSON.stringify(actual)}`,
      ).to.equal(true);
    });
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function leadsSomewhere(from: MarkdownFile, target: string): boolean {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return true; // another site: not ours to check
  const [path = "", anchor] = target.split("#", 2);
  const file = path === "" ? from.path : join(dirname(from.path), decodeURIComponent(path));
  if (!existsSync(file)) return false;
  if (anchor === undefined || statSync(file).isDirectory() || !file.endsWith(".md")) return true;
  return (file === from.path ? from : readMarkdown(file)).anchors.has(anchor);
}
