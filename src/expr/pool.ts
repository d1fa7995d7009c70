/**
 * Scratch memory of all vector programs: every buffer, number and list of lanes lies at an offset in it. It is one array
 * of fixed size because V8 compiles loops over an array that it knows to be constant to less than half the time. Modules
 * with loops keep it in a `const` of their own (an imported name is not taken for constant). A program holds nothing in it
 * between two calls of `run`, and no other code runs within one.
 */
export const POOL = new Float64Array(1 << 16);

/** Lane numbers, likewise. */
export const LISTS = new Int32Array(1 << 14);
