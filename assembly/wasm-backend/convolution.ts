// The three products of a 2D convolution, with patches of some hundred places at a time so that they stay in the second cache.
// x is [batch, height, width, channels], w [filterHeight, filterWidth, channels, filters], y [batch, outHeight, outWidth, filters].
import { product, productScratch } from "./product";
import { fold, unfold } from "./unfold";

/** Places whose patches are unfolded at a time: at most 512, and about 400 KB of patches. */
function chunk(patch: i32): i32 {
  return min(512, max(16, 98304 / max(1, patch)));
}

/** Bytes that the functions of this file need at `scratch`, for patches of `patch` numbers. */
export function convolutionScratch(patch: i32): i32 {
  return productScratch() + ((chunk(patch) * patch) << 2);
}

export function convolution(
  x: usize,
  w: usize,
  y: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filters: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
  scratch: usize,
): void {
  const patch = filterHeight * filterWidth * channels;
  const places = batch * outHeight * outWidth;
  const patches = scratch + productScratch();
  const step = chunk(patch);
  for (let first = 0; first < places; first += step) {
    const count = min(step, places - first);
    unfold(
      x,
      height,
      width,
      channels,
      outHeight,
      outWidth,
      filterHeight,
      filterWidth,
      strideHeight,
      strideWidth,
      top,
      left,
      first,
      count,
      patches,
    );
    product(patches, patch, 1, w, filters, 1, y + ((<usize>first * filters) << 2), filters, count, filters, patch, false, scratch);
  }
}

/** The gradient of the filter, which must hold zeros. */
export function convolutionFilterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filters: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
  scratch: usize,
): void {
  const patch = filterHeight * filterWidth * channels;
  const places = batch * outHeight * outWidth;
  const patches = scratch + productScratch();
  const step = chunk(patch);
  for (let first = 0; first < places; first += step) {
    const count = min(step, places - first);
    unfold(
      x,
      height,
      width,
      channels,
      outHeight,
      outWidth,
      filterHeight,
      filterWidth,
      strideHeight,
      strideWidth,
      top,
      left,
      first,
      count,
      patches,
    );
    product(patches, 1, patch, dy + ((<usize>first * filters) << 2), filters, 1, dw, filters, patch, filters, count, true, scratch);
  }
}

/** The gradient of the input, which must hold zeros. */
export function convolutionInputGradient(
  dy: usize,
  w: usize,
  dx: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filters: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
  scratch: usize,
): void {
  const patch = filterHeight * filterWidth * channels;
  const places = batch * outHeight * outWidth;
  const patches = scratch + productScratch();
  const step = chunk(patch);
  for (let first = 0; first < places; first += step) {
    const count = min(step, places - first);
    product(dy + ((<usize>first * filters) << 2), filters, 1, w, 1, filters, patches, patch, count, patch, filters, false, scratch);
    fold(
      patches,
      dx,
      height,
      width,
      channels,
      outHeight,
      outWidth,
      filterHeight,
      filterWidth,
      strideHeight,
      strideWidth,
      top,
      left,
      first,
      count,
    );
  }
}
