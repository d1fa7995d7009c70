import { findBackendFactory, getBackend, ready, setBackend } from "@tensorflow/tfjs-core";
import { ValidationError } from "./errors.ts";
import { optionalModule } from "./io/optionalModule.ts";

/** Packages that bring a backend, in the order in which they are tried. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  cpu: ["@tensorflow/tfjs-backend-cpu"],
  wasm: ["@tensorflow/tfjs-backend-wasm"],
  webgl: ["@tensorflow/tfjs-backend-webgl"],
  webgpu: ["@tensorflow/tfjs-backend-webgpu"],
  tensorflow: ["@tensorflow/tfjs-node", "@tensorflow/tfjs-node-gpu"],
};

/**
 * Makes tfjs use a backend: `cpu`, `wasm`, `webgl`, `webgpu`, `tensorflow`, or any that is registered. Where it is not registered, its package is imported.
 * Throws a ValidationError, and leaves the backend as it was, unless that very backend runs in the end (tfjs alone falls back to another silently).
 */
export async function useBackend(name: string): Promise<void> {
  if (!isRegistered(name)) await importBackend(name);
  const previous = getBackend();
  let reason = "";
  const started = await setBackend(name).catch((error: Error) => ((reason = `: ${error.message}`), false));
  if (started) await ready();
  if (started && getBackend() === name) return;
  if (previous) await setBackend(previous);
  throw new ValidationError({
    owner: "useBackend",
    expected: `the ${name} backend to start`,
    got: `a failure${reason}`,
    fix: name === "wasm" ? "In a page, call setWasmPaths of @tensorflow/tfjs-backend-wasm first" : "Use another one, e.g. cpu or wasm",
  });
}

const isRegistered = (name: string): boolean => typeof findBackendFactory(name) === "function";

async function importBackend(name: string): Promise<void> {
  const packages = Object.hasOwn(PACKAGES, name) ? PACKAGES[name] : [];
  const failures: string[] = [];
  for (const module of packages) {
    try {
      await optionalModule(module);
      if (isRegistered(name)) return;
      failures.push(`${module} does not register it for the copy of @tensorflow/tfjs-core in use`);
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  throw new ValidationError({
    owner: "useBackend",
    parameter: "name",
    expected: packages.length === 0 ? `one of ${Object.keys(PACKAGES).join(", ")}, or a registered backend` : `the ${name} backend`,
    got: packages.length === 0 ? JSON.stringify(name) : failures.join("; "),
    ...(packages.length === 0
      ? {}
      : { fix: `Install ${packages.join(" or ")} (npm install ${packages[0]}); in a bundled page, import it yourself first` }),
  });
}
