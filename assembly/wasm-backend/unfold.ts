// A convolution as a product: the patch of the image under the filter, one row for every place of the filter ("im2col"), and the way
// back, which adds. Images are [batch, height, width, channels], float32; a row is [filterHeight, filterWidth, channels].
import { addRow, copyRow, zeroRow } from "./rows";

/** Writes the patches of places `first` to `first + count - 1`, counted over [batch, outHeight, outWidth], to `to`. */
export function unfold(
  image: usize,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
  first: i32,
  count: i32,
  to: usize,
): void {
  const pixel = (<usize>channels) << 2;
  const line = pixel * width;
  const patchLine = pixel * filterWidth;
  const places = outHeight * outWidth;
  let ow = first % outWidth;
  let oh = (first / outWidth) % outHeight;
  image += <usize>(first / places) * height * line;
  for (let i = 0; i < count; i++) {
    const column = ow * strideWidth - left;
    const inside = column >= 0 && column + filterWidth <= width;
    for (let fh = 0; fh < filterHeight; fh++) {
      const row = oh * strideHeight - top + fh;
      if (row < 0 || row >= height) zeroRow(to, patchLine);
      else if (inside) copyRow(image + <usize>row * line + <usize>column * pixel, to, patchLine);
      else {
        for (let fw = 0; fw < filterWidth; fw++) {
          const at = column + fw;
          if (at < 0 || at >= width) zeroRow(to + <usize>fw * pixel, pixel);
          else copyRow(image + <usize>row * line + <usize>at * pixel, to + <usize>fw * pixel, pixel);
        }
      }
      to += patchLine;
    }
    if (++ow == outWidth) {
      ow = 0;
      if (++oh == outHeight) {
        oh = 0;
        image += <usize>height * line;
      }
    }
  }
}

/** Adds patches, laid out as `unfold` writes them, to the image. */
export function fold(
  from: usize,
  image: usize,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
  first: i32,
  count: i32,
): void {
  const pixel = (<usize>channels) << 2;
  const line = pixel * width;
  const patchLine = pixel * filterWidth;
  const places = outHeight * outWidth;
  let ow = first % outWidth;
  let oh = (first / outWidth) % outHeight;
  image += <usize>(first / places) * height * line;
  for (let i = 0; i < count; i++) {
    const column = ow * strideWidth - left;
    const begin = max(0, -column);
    const end = min(filterWidth, width - column);
    for (let fh = 0; fh < filterHeight; fh++) {
      const row = oh * strideHeight - top + fh;
      if (row >= 0 && row < height && end > begin) {
        addRow(from + <usize>begin * pixel, image + <usize>row * line + <usize>(column + begin) * pixel, <usize>(end - begin) * pixel);
      }
      from += patchLine;
    }
    if (++ow == outWidth) {
      ow = 0;
      if (++oh == outHeight) {
        oh = 0;
        image += <usize>height * line;
      }
    }
  }
}
