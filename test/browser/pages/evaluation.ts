/** Whether code may be made of text here, by each way that there is, and whether WebAssembly may be compiled. */
export async function run() {
  const works = (make: () => unknown): boolean => {
    try {
      make();
      return true;
    } catch {
      return false;
    }
  };
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  return {
    functions: works(() => Reflect.construct(Function, ["return 1"])),
    wasm: works(() => new WebAssembly.Module(empty)),
    threads: typeof SharedArrayBuffer !== "undefined",
  };
}
