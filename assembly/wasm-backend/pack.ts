// Packing of matrices for the product. A panel holds 4 rows of A (or 8 columns of B) for every k, one k after another, so that the
// innermost loop reads memory in order whatever the layout of the matrix was. Missing rows and columns are filled with zeros.
// Strides count elements.

/** Writes the transpose of the 4x4 block at `from` (rows `stride` bytes apart) to `to` (rows `step` bytes apart). */
function transpose4(from: usize, stride: usize, to: usize, step: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + stride);
  const c = v128.load(from + 2 * stride);
  const d = v128.load(from + 3 * stride);
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to + step, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
  v128.store(to + 2 * step, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
  v128.store(to + 3 * step, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
}

/** One panel of `width` (4 or 8) lanes, `lanes` of which exist; `lane` and `along` are the strides of a lane and of k. */
function packPanel(from: usize, lane: i32, along: i32, lanes: i32, depth: i32, width: i32, to: usize): void {
  const step = (<usize>width) << 2;
  const laneBytes = (<usize>lane) << 2;
  const alongBytes = (<usize>along) << 2;
  if (lane == 1 && lanes == width) {
    for (let k = 0; k < depth; k++) {
      v128.store(to, v128.load(from));
      if (width == 8) v128.store(to, v128.load(from, 16), 16);
      from += alongBytes;
      to += step;
    }
    return;
  }
  let k = 0;
  if (along == 1 && lanes == width) {
    for (; k + 4 <= depth; k += 4) {
      transpose4(from, laneBytes, to, step);
      if (width == 8) transpose4(from + 4 * laneBytes, laneBytes, to + 16, step);
      from += 16;
      to += 4 * step;
    }
  }
  for (; k < depth; k++) {
    let source = from;
    for (let i = 0; i < lanes; i++) {
      store<f32>(to + ((<usize>i) << 2), load<f32>(source));
      source += laneBytes;
    }
    for (let i = lanes; i < width; i++) store<f32>(to + ((<usize>i) << 2), 0);
    from += alongBytes;
    to += step;
  }
}

/** All panels of a block of `count` lanes and `depth` values of k. */
export function pack(from: usize, lane: i32, along: i32, count: i32, depth: i32, width: i32, to: usize): void {
  for (let i = 0; i < count; i += width) {
    packPanel(from + ((<usize>i * lane) << 2), lane, along, min(width, count - i), depth, width, to);
    to += (<usize>width * depth) << 2;
  }
}
