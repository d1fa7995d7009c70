import { ValidationError } from "../errors.ts";

/** Versions of tfjs with whose wasm backend the kernels were tested. The backend's package asks for exactly its own version of tfjs-core. */
const TESTED: readonly string[] = ["4.22.0"];

/** Throws a ValidationError for a version of tfjs-core that was not tested. */
export function checkVersion(version: string): void {
  if (TESTED.includes(version)) return;
  throw new ValidationError({
    owner: "completeWasmBackend",
    expected: `tfjs ${TESTED.join(" or ")}`,
    got: version,
    fix: "Install that version, or pass {allowUntestedVersion: true} and compare your results with another backend",
  });
}
