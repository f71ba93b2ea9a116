/** An assignment's crops in one answer: uint32 LE n, n x uint32 LE byte lengths, then n pictures in position order. */
import { ApiError, fetched } from "./api";
import { noted, thrifty } from "./line";

/** What to ask for: the stored size, and whether every byte counts. */
export interface Wanted {
  size: 128 | 320;
  lean: boolean;
}
export type Crop = Uint8Array<ArrayBuffer> | null;

/** Takes the bytes as they arrive and gives each picture as soon as it is whole. Raises Error where they do not add up. */
export class Parser {
  private rest = new Uint8Array(0);
  private lengths: number[] | null = null;
  private position = 0;

  /** The pictures that these bytes complete, in order; null for a missing one (length 0). */
  push(bytes: Uint8Array): Crop[] {
    this.rest = joined(this.rest, bytes);
    if (!this.lengths && !this.begin()) return [];
    const lengths = this.lengths ?? [];
    const whole: Crop[] = [];
    let offset = 0;
    for (; this.position < lengths.length; this.position++) {
      const length = lengths[this.position] ?? 0;
      if (offset + length > this.rest.length) break;
      whole.push(length ? this.rest.slice(offset, offset + length) : null);
      offset += length;
    }
    this.rest = this.rest.slice(offset);
    if (this.position === lengths.length && this.rest.length) throw new Error("The pictures came with more bytes than they name.");
    return whole;
  }

  end(): void {
    if (!this.lengths || this.position < this.lengths.length) throw new Error("The pictures came cut short.");
  }

  private begin(): boolean {
    if (this.rest.length < 4) return false;
    const view = new DataView(this.rest.buffer);
    const n = view.getUint32(0, true);
    if (this.rest.length < 4 + 4 * n) return false;
    this.lengths = Array.from({ length: n }, (_, k) => view.getUint32(4 + 4 * k, true));
    this.rest = this.rest.slice(4 + 4 * n);
    return true;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

/** The crops of one assignment on their way. An address is undefined until its picture is here, null where there is none. */
export class Crops {
  readonly urls: (string | null | undefined)[];
  came: () => void = () => undefined;
  private loading: Promise<void> | null = null;
  private aborting = new AbortController();
  private decoded: HTMLImageElement[] = [];

  constructor(
    private assignment: number,
    private wanted: Wanted,
    tiles: number,
  ) {
    this.urls = Array.from<string | null | undefined>({ length: tiles }).fill(undefined);
  }

  get whole(): boolean {
    return !this.urls.includes(undefined);
  }

  /** Fetch what is not here yet; `came` hears of each arrival. Raises ApiError. */
  load(): Promise<void> {
    this.loading ??= this.read().finally(() => (this.loading = null));
    return this.loading;
  }

  private read(): Promise<void> {
    const { size, lean } = this.wanted;
    const url = `/api/assignments/${this.assignment}/crops?size=${size}${lean ? "&lean=true" : ""}`;
    return streamed(url, this.aborting.signal, (first, crops) => {
      crops.forEach((crop, k) => this.take(first + k, crop));
      this.came();
    });
  }

  private take(position: number, crop: Crop): void {
    if (this.urls[position] === undefined && !this.aborting.signal.aborted) this.urls[position] = address(crop);
  }

  /** Have the browser decode what is here before it is shown, one after the other, so that no key waits for it. */
  async decode(): Promise<void> {
    for (const url of this.urls) {
      if (!url || this.aborting.signal.aborted) continue;
      const image = new Image();
      image.src = url;
      this.decoded.push(image);
      await image.decode().catch(() => undefined);
    }
  }

  letGo(): void {
    this.aborting.abort();
    this.decoded = [];
  }
}

/** Read a bundle as it arrives; `took` is given the pictures that each part completes, and the place of the first. Raises ApiError. */
export async function streamed(url: string, signal: AbortSignal, took: (first: number, crops: Crop[]) => void): Promise<void> {
  const response = await fetched(url, signal);
  const parser = new Parser();
  const began = performance.now();
  let [position, bytes] = [0, 0];
  try {
    const reader = response.body!.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const whole = parser.push(part.value);
      bytes += part.value.length;
      if (whole.length) took(position, whole);
      position += whole.length;
    }
    parser.end();
    noted({ bytes, ms: performance.now() - began });
  } catch {
    throw new ApiError(0, {});
  }
}

/** Addresses of all pictures of a bundle, by position, once all of them are here. Raises ApiError. */
export async function addressesAt(url: string): Promise<(string | null)[]> {
  const parser = new Parser();
  const crops = parser.push(new Uint8Array(await (await fetched(url, new AbortController().signal)).arrayBuffer()));
  parser.end();
  return crops.map(address);
}

/** The picture in its own address: to register a hundred of them with the browser as blobs, and to have each fetched from
 *  there, holds the page up. */
export function address(crop: Crop): string | null {
  if (!crop) return null;
  let text = "";
  // A call takes only so many arguments.
  for (let start = 0; start < crop.length; start += 8192) text += String.fromCharCode(...crop.subarray(start, start + 8192));
  return `data:${mediaType(crop)};base64,${btoa(text)}`;
}

/** Lean pictures are WebP, the others JPEG. */
export function mediaType(crop: Uint8Array): string {
  return crop[0] === 0x52 ? "image/webp" : "image/jpeg";
}

/** Which stored size is sharp enough for a tile of so many CSS pixels; where data is dear, larger ones come later. */
export function wantedFor(tile: number, ratio: number, lean = thrifty()): Wanted {
  return { size: tile * ratio > (lean ? 320 : 160) ? 320 : 128, lean };
}
