/** An assignment's crops in one answer: uint32 LE n, n x uint32 LE byte lengths, then n JPEGs in position order. */

/** The JPEGs by position; null for a missing crop (length 0). Raises Error where the bytes do not add up. */
export function parseBundle(buffer: ArrayBuffer): (Uint8Array<ArrayBuffer> | null)[] {
  const view = new DataView(buffer);
  if (buffer.byteLength < 4) throw new Error("The pictures came cut short.");
  const n = view.getUint32(0, true);
  let offset = 4 + 4 * n;
  if (buffer.byteLength < offset) throw new Error("The pictures came cut short.");
  const crops = Array.from({ length: n }, (_, position) => {
    const length = view.getUint32(4 + 4 * position, true);
    if (offset + length > buffer.byteLength) throw new Error("The pictures came cut short.");
    const crop = length ? new Uint8Array(buffer, offset, length) : null;
    offset += length;
    return crop;
  });
  if (offset !== buffer.byteLength) throw new Error("The pictures came with more bytes than they name.");
  return crops;
}

/** Addresses that images can show; revoke them with `letGo`. */
export function addresses(crops: readonly (Uint8Array<ArrayBuffer> | null)[]): (string | null)[] {
  return crops.map((crop) => crop && URL.createObjectURL(new Blob([crop], { type: "image/jpeg" })));
}

export function letGo(urls: readonly (string | null)[]): void {
  for (const url of urls) if (url) URL.revokeObjectURL(url);
}

/** Which of the two stored sizes is sharp for a tile of so many CSS pixels. */
export function sizeFor(tile: number, ratio: number): 128 | 320 {
  return tile * ratio > 160 ? 320 : 128;
}
