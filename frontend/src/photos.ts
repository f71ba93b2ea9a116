/** The whole photos: their addresses, and fetching those that one is likely to open next. */
import type { Assignment } from "./assignments";
import { dear, thrifty } from "./line";

const AFTER = 400;
const SMALL_SCREEN = 1000; // device pixels

// Decided once: an address that changes would be fetched twice.
let small: boolean | undefined;

/** Where a tile's photo is, no larger than the screen asks for; null where the campaign shows none. */
export function photoOf(assignment: Pick<Assignment, "id" | "context_shown">, position: number): string | null {
  if (assignment.context_shown === "no") return null;
  small ??= thrifty() || Math.max(screen.width, screen.height) * devicePixelRatio <= SMALL_SCREEN;
  return `/api/assignments/${assignment.id}/tiles/${position}/context/${small ? "?side=800" : ""}`;
}

/** Fetches photos into the browser's cache once one has stood on a tile for a moment; not where data is dear. */
export class PhotosAhead {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = new Set<string>();

  stand(urls: readonly string[]): void {
    clearTimeout(this.timer);
    if (dear()) return;
    this.timer = setTimeout(() => {
      for (const url of urls.filter((one) => !this.asked.has(one))) {
        this.asked.add(url);
        new Image().src = url;
      }
    }, AFTER);
  }
}
