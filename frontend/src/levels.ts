/** Even light: stretch each crop's exposure so that dark ones can be compared with bright ones. */

const SIDE = 24;
const MOST = 5;

/**
 * The darkest and brightest luminance (0..1) of the middle of an RGBA picture, its outermost percents left out.
 * The middle, because a bright sky around a dark object would hide how dark the object is.
 */
export function ends(rgba: ArrayLike<number>, width: number, height: number): [number, number] {
  const found: number[] = [];
  for (let y = Math.floor(height * 0.2); y < Math.ceil(height * 0.8); y++) {
    for (let x = Math.floor(width * 0.2); x < Math.ceil(width * 0.8); x++) {
      const at = 4 * (y * width + x);
      found.push((0.2126 * (rgba[at] ?? 0) + 0.7152 * (rgba[at + 1] ?? 0) + 0.0722 * (rgba[at + 2] ?? 0)) / 255);
    }
  }
  found.sort((a, b) => a - b);
  const at = (share: number) => found[Math.min(found.length - 1, Math.floor(share * found.length))] ?? 0;
  return [at(0.03), at(0.97)];
}

/**
 * A CSS filter that maps luminance [low, high] onto [0.1, 0.92].
 * contrast(c) after brightness(b) is c*b*v + (1 - c)/2; both follow from the two ends.
 */
export function filterFor(low: number, high: number): string {
  const slope = Math.min(MOST, 0.82 / Math.max(high - low, 0.01));
  const offset = 0.1 - slope * low;
  const contrast = Math.max(0.05, 1 - 2 * offset);
  return `brightness(${(slope / contrast).toFixed(3)}) contrast(${contrast.toFixed(3)})`;
}

let canvas: CanvasRenderingContext2D | null | undefined;

/** The filter that evens one loaded picture, or "" where it cannot be read. */
export function evenLight(image: HTMLImageElement): string {
  if (canvas === undefined) {
    const element = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
    canvas = element.getContext("2d", { willReadFrequently: true });
  }
  if (!canvas || !image.naturalWidth) return "";
  canvas.drawImage(image, 0, 0, SIDE, SIDE);
  return filterFor(...ends(canvas.getImageData(0, 0, SIDE, SIDE).data, SIDE, SIDE));
}
