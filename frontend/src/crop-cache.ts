/** The crops of items near the screen: fetched many at once, dropped on the way when nobody waits for them any more. */
import type { ApiError } from "./api";
import { address, streamed, type Wanted } from "./bundle";

const A_BUNDLE = 128;
const FLIGHTS = 2;
const KEPT = 1000;
const AGAIN_AFTER = 2000;

interface Flight {
  ids: Set<number>;
  aborting: AbortController;
}
export interface Told {
  /** The pictures of these items are here, or known to be missing. */
  came(ids: number[]): void;
  /** They do not come; asked again by itself where that may help. */
  failed(error: ApiError): void;
}

export class CropCache {
  private known = new Map<number, string | null>();
  private flights = new Set<Flight>();
  private wanted: readonly number[] = [];
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private refused = false;

  constructor(
    private dataset: number,
    readonly size: Wanted,
    private told: Told,
  ) {}

  /** An address for an image; null where there is no picture, undefined where it is not here. */
  url(id: number): string | null | undefined {
    return this.known.get(id);
  }

  /** What an image could not show. */
  broken(id: number): void {
    this.known.set(id, null);
  }

  /** These are near the screen, the most urgent first: all others are given up. */
  want(ids: readonly number[]): void {
    this.wanted = ids;
    const near = new Set(ids);
    for (const flight of this.flights) if (!intersects(flight.ids, near)) flight.aborting.abort();
    // What was wanted last goes last.
    for (const id of ids) {
      const url = this.known.get(id);
      if (url !== undefined) {
        this.known.delete(id);
        this.known.set(id, url);
      }
    }
    this.drop(Math.max(KEPT, 2 * ids.length));
    this.fetch();
  }

  letGo(): void {
    clearTimeout(this.waiting);
    this.wanted = [];
    for (const flight of this.flights) flight.aborting.abort();
    this.drop(0);
  }

  private drop(kept: number): void {
    for (const id of this.known.keys()) {
      if (this.known.size <= kept) return;
      this.known.delete(id);
    }
  }

  private fetch(): void {
    while (this.flights.size < FLIGHTS && !this.waiting && !this.refused) {
      const coming = new Set([...this.flights].flatMap(({ ids }) => [...ids]));
      const ids = this.wanted.filter((id) => !this.known.has(id) && !coming.has(id)).slice(0, A_BUNDLE);
      if (!ids.length) return;
      void this.bring(ids);
    }
  }

  private async bring(ids: number[]): Promise<void> {
    const { size, lean } = this.size;
    const flight = { ids: new Set(ids), aborting: new AbortController() };
    const { signal } = flight.aborting;
    this.flights.add(flight);
    try {
      const url = `/api/datasets/${this.dataset}/slice/crops?size=${size}${lean ? "&lean=true" : ""}&ids=${ids.join(",")}`;
      await streamed(url, signal, (first, crops) => {
        if (signal.aborted) return;
        const here = ids.slice(first, first + crops.length);
        here.forEach((id, k) => this.known.has(id) || this.known.set(id, address(crops[k] ?? null)));
        this.told.came(here);
      });
    } catch (error) {
      if (!signal.aborted) this.wait(error as ApiError);
    } finally {
      this.flights.delete(flight);
      this.fetch();
    }
  }

  private wait(error: ApiError): void {
    this.told.failed(error);
    this.refused = !error.passing;
    this.waiting = setTimeout(() => {
      this.waiting = undefined;
      this.fetch();
    }, AGAIN_AFTER);
  }
}

function intersects(some: ReadonlySet<number>, others: ReadonlySet<number>): boolean {
  for (const one of some) if (others.has(one)) return true;
  return false;
}
