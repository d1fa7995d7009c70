// A depthwise 2D convolution: every channel c has `multiplier` filters of its own. x is [batch, height, width, channels],
// w [filterHeight, filterWidth, channels, multiplier], y [batch, outHeight, outWidth, channels * multiplier], float32, channels last.
import { multiplyAdd } from "./multiplyAdd";

/** How many taps lie before the input, where the first one is at `start`. */
function before(start: i32, dilation: i32): i32 {
  return start >= 0 ? 0 : (dilation - 1 - start) / dilation;
}

/** One more than the last tap that lies in the input. */
function within(start: i32, dilation: i32, taps: i32, size: i32): i32 {
  return start >= size ? 0 : min(taps, (size - 1 - start) / dilation + 1);
}

/** Inputs of four filters: of four channels, or (`spread`) of one channel that has at least four. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function inputs(p: usize, spread: bool): v128 {
  return spread ? v128.load32_splat(p) : v128.load(p);
}

/**
 * Filters from `j` on, four at a time, at `places` (1 or 4) outputs side by side that see the same taps; gives the first filter that is left.
 * Where there are more filters than a vector has lanes and the last are less than a vector, some are computed twice.
 */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function vectors(
  places: i32,
  spread: bool,
  x: usize,
  w: usize,
  y: usize,
  filters: i32,
  multiplier: i32,
  rows: i32,
  columns: i32,
  wLine: usize,
  xTap: usize,
  xRow: usize,
  xStep: usize,
): i32 {
  const outPixel = (<usize>filters) << 2;
  if (filters < 4) return 0;
  for (let next = 0; next < filters; next += 4) {
    const j = min(next, filters - 4);
    const from = x + ((<usize>(spread ? j / multiplier : j)) << 2);
    const by = w + ((<usize>j) << 2);
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    for (let i = 0; i < rows; i++) {
      let p = from + <usize>i * xRow;
      let v = by + <usize>i * wLine;
      for (let k = 0; k < columns; k++) {
        const weights = v128.load(v);
        s0 = multiplyAdd(inputs(p, spread), weights, s0);
        if (places == 4) {
          s1 = multiplyAdd(inputs(p + xStep, spread), weights, s1);
          s2 = multiplyAdd(inputs(p + 2 * xStep, spread), weights, s2);
          s3 = multiplyAdd(inputs(p + 3 * xStep, spread), weights, s3);
        }
        p += xTap;
        v += outPixel;
      }
    }
    const to = y + ((<usize>j) << 2);
    v128.store(to, s0);
    if (places == 4) {
      v128.store(to + outPixel, s1);
      v128.store(to + 2 * outPixel, s2);
      v128.store(to + 3 * outPixel, s3);
    }
  }
  return filters;
}

/** `places` outputs side by side that see the same taps: x and w are at the first of them. */
function outputs(
  places: i32,
  x: usize,
  w: usize,
  y: usize,
  channels: i32,
  multiplier: i32,
  rows: i32,
  columns: i32,
  wLine: usize,
  xTap: usize,
  xRow: usize,
  xStep: usize,
): void {
  const filters = channels * multiplier;
  const outPixel = (<usize>filters) << 2;
  let left = 0;
  if (multiplier == 1) {
    left =
      places == 4
        ? vectors(4, false, x, w, y, filters, 1, rows, columns, wLine, xTap, xRow, xStep)
        : vectors(1, false, x, w, y, filters, 1, rows, columns, wLine, xTap, xRow, xStep);
  } else if (multiplier % 4 == 0) {
    left =
      places == 4
        ? vectors(4, true, x, w, y, filters, multiplier, rows, columns, wLine, xTap, xRow, xStep)
        : vectors(1, true, x, w, y, filters, multiplier, rows, columns, wLine, xTap, xRow, xStep);
  }
  for (let j = left; j < filters; j++) {
    for (let place = 0; place < places; place++) {
      const from = x + <usize>place * xStep + ((<usize>(j / multiplier)) << 2);
      let s: f32 = 0;
      for (let i = 0; i < rows; i++) {
        let p = from + <usize>i * xRow;
        let v = w + <usize>i * wLine + ((<usize>j) << 2);
        for (let k = 0; k < columns; k++) {
          s += load<f32>(p) * load<f32>(v);
          p += xTap;
          v += outPixel;
        }
      }
      store<f32>(y + <usize>place * outPixel + ((<usize>j) << 2), s);
    }
  }
}

export function depthwise(
  x: usize,
  w: usize,
  y: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  multiplier: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  top: i32,
  left: i32,
): void {
  const pixel = (<usize>channels) << 2;
  const line = pixel * width;
  const outPixel = pixel * multiplier;
  const wLine = outPixel * filterWidth;
  const xTap = pixel * dilationWidth;
  const xRow = line * dilationHeight;
  const xStep = pixel * strideWidth;
  for (let n = 0; n < batch; n++) {
    for (let oh = 0; oh < outHeight; oh++) {
      const row = oh * strideHeight - top;
      const firstRow = before(row, dilationHeight);
      const rows = max(0, within(row, dilationHeight, filterHeight, height) - firstRow);
      const xs = x + <usize>(row + firstRow * dilationHeight) * line;
      const ws = w + <usize>firstRow * wLine;
      let ow = 0;
      while (ow < outWidth) {
        const column = ow * strideWidth - left;
        const lastTap = column + 3 * strideWidth + (filterWidth - 1) * dilationWidth;
        const places = ow + 4 <= outWidth && column >= 0 && lastTap < width ? 4 : 1;
        const first = before(column, dilationWidth);
        const columns = max(0, within(column, dilationWidth, filterWidth, width) - first);
        const from = xs + <usize>(column + first * dilationWidth) * pixel;
        outputs(places, from, ws + <usize>first * outPixel, y, channels, multiplier, rows, columns, wLine, xTap, xRow, xStep);
        y += <usize>places * outPixel;
        ow += places;
      }
    }
    x += <usize>height * line;
  }
}
