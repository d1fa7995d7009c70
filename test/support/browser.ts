// Runs a module in a real headless Chromium: bundled by esbuild, served under a content security policy that forbids eval.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The browser, as Debian's package `chromium` installs it, or the one that the variable CHROMIUM names; undefined where there is none. */
export const chromium = [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path !== undefined && existsSync(path),
);

/** Skips a test, or all tests of a `before` hook, where there is no Chromium, and says so in the output. */
export function needsChromium(context: Mocha.Context): void {
  if (chromium !== undefined) return;
  console.log("      skipped: no Chromium here (apt-get install chromium, or set CHROMIUM to its path)");
  context.skip();
}

export interface PageOptions {
  /** What `run` of the page is called with; JSON. */
  readonly input?: unknown;
  /** Further files to serve, at `/<name>`, e.g. the .wasm files of tfjs. */
  readonly files?: readonly string[];
  /** WebGL and WebGPU by software rendering: slow, and good for correctness only. */
  readonly graphics?: boolean;
  /** Cross-origin isolation, without which a page has no SharedArrayBuffer and no threads. */
  readonly isolated?: boolean;
  /** Milliseconds from the start of the browser, 60000 where left out. */
  readonly timeout?: number;
}

/** No `unsafe-eval`, which `new Function` would need; tfjs's threads are scripts of the kind `blob:`. */
const policy = (threads: boolean): string =>
  `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'${threads ? " blob:" : ""}; connect-src 'self' data:; worker-src 'self' blob:`;
const TYPES: Readonly<Record<string, string>> = { ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" };
const SOFTWARE = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
const QUIET = ["--no-first-run", "--disable-extensions", "--disable-background-networking", "--disable-sync", "--disable-breakpad"];

/**
 * Calls the export `run` of a compiled module in a new browser and gives what it returned, by way of JSON.
 * Fails with the page's own error, with what the policy blocked, or after the timeout; nothing of the browser is left in any case.
 * `entry` is resolved by Node's rules for browsers, e.g. `new URL("./pages/network.js", import.meta.url)`.
 */
export async function runInPage<T>(entry: URL, options: PageOptions = {}): Promise<T> {
  if (chromium === undefined) throw new Error("runInPage: expected a Chromium, got none. Call needsChromium first.");
  const script = await bundle(entry, options.input);
  const profile = await mkdtemp(join(tmpdir(), "tfjs-nengo-chromium-"));
  const { server, port, answer } = await serve(script, options);
  const shared = [`--user-data-dir=${profile}`, "--headless", "--no-sandbox", "--disable-dev-shm-usage", ...QUIET];
  const flags = [...shared, ...(options.graphics === true ? SOFTWARE : ["--disable-gpu"]), `http://127.0.0.1:${port}/`];
  // A group of its own, so that all processes of the browser end with it.
  const browser = spawn(chromium, flags, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
  try {
    return await Promise.race([answer as Promise<T>, failure(browser, options.timeout ?? 60_000)]);
  } finally {
    await end(browser);
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** The page's script: the entry, and a few lines that call it and send what came of it. */
async function bundle(entry: URL, input: unknown): Promise<string> {
  const path = fileURLToPath(entry);
  const contents = `
    import { run } from ${JSON.stringify(path)};
    const send = (body) => fetch("/answer", { method: "POST", body: JSON.stringify(body) });
    const blocked = [];
    addEventListener("securitypolicyviolation", (e) => blocked.push(e.effectiveDirective + " " + e.blockedURI));
    const words = (e) => (e instanceof Error ? e.stack : (e?.message ?? String(e))) + (blocked.length > 0 ? " (blocked: " + blocked.join(", ") + ")" : "");
    addEventListener("error", (e) => send({ error: words(e.error ?? e.message) }));
    addEventListener("unhandledrejection", (e) => send({ error: words(e.reason) }));
    run(${JSON.stringify(input) ?? ""}).then((result) => send({ result }), (e) => send({ error: words(e) }));`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd(), sourcefile: "page.js" },
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0].text;
}

async function serve(script: string, options: PageOptions): Promise<{ server: Server; port: number; answer: Promise<unknown> }> {
  const page = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>`;
  const contents = new Map<string, () => string | Buffer>([
    ["/", () => page],
    ["/page.js", () => script],
    ...(options.files ?? []).map((path) => [`/${basename(path)}`, () => readFileSync(path)] as const),
  ]);
  const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
  let settle: { resolve: (result: unknown) => void; reject: (error: Error) => void };
  const answer = new Promise<unknown>((resolve, reject) => (settle = { resolve, reject }));
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const path = (request.url ?? "/").split("?")[0];
    if (path === "/answer") {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        response.end();
        const { result, error } = JSON.parse(Buffer.concat(parts).toString()) as { result?: unknown; error?: string };
        if (error === undefined) settle.resolve(result);
        else settle.reject(new Error(`in the page: ${error}`));
      });
      return;
    }
    const content = contents.get(path);
    response.writeHead(content === undefined ? 404 : 200, {
      "Content-Type": TYPES[path === "/" ? ".html" : extname(path)] ?? "application/octet-stream",
      "Content-Security-Policy": policy(options.isolated === true),
      ...(options.isolated === true ? isolation : {}),
    });
    response.end(content?.());
  };
  const server = createServer(handle);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { server, port: (server.address() as AddressInfo).port, answer };
}

/** Rejects when the browser ends by itself or takes too long. */
async function failure(browser: ChildProcess, timeout: number): Promise<never> {
  let said = "";
  browser.stderr?.on("data", (part: Buffer) => (said = (said + part.toString()).slice(-2000)));
  return new Promise((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`the page gave no answer in ${timeout} ms; Chromium said: ${said}`)), timeout);
    timer.unref();
    browser.once("error", reject);
    browser.once("exit", (code) => reject(new Error(`Chromium ended with code ${code}: ${said}`)));
  });
}

async function end(browser: ChildProcess): Promise<void> {
  if (browser.pid === undefined) return;
  const ended = browser.exitCode !== null || browser.signalCode !== null;
  const gone = ended ? Promise.resolve() : new Promise<void>((done) => browser.once("exit", () => done()));
  try {
    process.kill(-browser.pid, "SIGKILL");
  } catch {
    // the group has ended by itself
  }
  await gone;
}
