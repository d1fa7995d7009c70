import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { MarkdownFile } from "./markdown.ts";
import { isStated, moduleOf, readMarkdown, withStatedOutputs } from "./markdown.ts";

const text = `# Title of \`code\` & more

See [one](a.md#x), [two](<b.md>) and \`[no](link)\`.

\`\`\`ts
import { x } from "y";
console.log(x); // -> 1 ... 3
\`\`\`

## Title of code & more

\`\`\`ts no-run
const a = 1;
\`\`\`

\`\`\`sh
[not](a-link)
\`\`\`

\`\`\`ts
import { x } from "y";
for (const v of x) console.log(v);
// -> first
// -> second
\`\`\`

[three]: c.md
`;

/** What the documentation test stands on: if this reads blocks wrongly, that one passes for nothing. */
describe("markdown reader", () => {
  let place: string;
  let file: MarkdownFile;
  before(() => {
    place = mkdtempSync(join(tmpdir(), "tfjs-nengo-markdown-"));
    writeFileSync(join(place, "x.md"), text);
    file = readMarkdown(join(place, "x.md"));
  });
  after(() => rmSync(place, { recursive: true }));

  it("finds blocks, links and anchors", () => {
    expect(file.blocks.map(({ line, runs, lines }) => [line, runs, lines.length])).to.deep.equal([
      [5, true, 2],
      [12, false, 1],
      [20, true, 4],
    ]);
    expect(file.links.map(({ target }) => target)).to.deep.equal(["a.md#x", "b.md", "c.md"]);
    expect([...file.anchors]).to.deep.equal(["title-of-code--more", "title-of-code--more-1"]);
  });

  it("makes one module with the lines of the file and each import once", () => {
    const code = moduleOf(file, ({ runs }) => runs);
    expect(code[5]).to.equal('import { x } from "y";');
    expect(code[20]).to.equal("");
    expect(code[21]).to.equal("for (const v of x) console.log(v);");
    expect(code[12]).to.equal("");
  });

  it("couples stated outputs with their console.log", () => {
    const { code, outputs } = withStatedOutputs(moduleOf(file, ({ runs }) => runs));
    expect(outputs.map(({ expected }) => expected)).to.deep.equal(["1 ... 3", "first\nsecond"]);
    expect(code[6]).to.equal("__print(0, x); // -> 1 ... 3");
    expect(code[21]).to.equal("for (const v of x) __print(1, v);");
    expect(() => withStatedOutputs(["// -> nothing"])).to.throw("without a console.log");
  });

  it("takes ... for anything within a line, and nothing else", () => {
    expect(isStated("1 2 3", "1 ... 3")).to.equal(true);
    expect(isStated("1\n3", "1...3")).to.equal(false);
    expect(isStated("1.5", "1x5")).to.equal(false);
    expect(isStated("1x5", "1.5")).to.equal(false);
  });
});
