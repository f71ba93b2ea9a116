/** Which tiles were in view long enough to count as seen. */

const SEEN_AFTER = 400;
const TURN = 100;

export class Watcher {
  private entered = new Map<Element, number>();
  private watched = new WeakSet<Element>();
  private timer: ReturnType<typeof setInterval> | undefined;
  private observer: IntersectionObserver;

  /** `seen` gets the tiles that have just been in view for 0.4 s; `top` and `bottom` are the pixels at the window's ends
   *  that something else covers. */
  constructor(
    private seen: (tiles: Element[]) => void,
    private top: number,
    private bottom: number,
  ) {
    this.observer = this.observing();
  }

  private observing(): IntersectionObserver {
    const rootMargin = `-${this.top}px 0px -${this.bottom}px 0px`;
    return new IntersectionObserver((entries) => this.note(entries), { threshold: 0.6, rootMargin });
  }

  /** More of the window's lower end is covered, or less. */
  cover(bottom: number): void {
    if (bottom === this.bottom) return;
    this.bottom = bottom;
    this.restart();
    this.observer = this.observing();
  }

  watch(tiles: Iterable<Element>): void {
    for (const tile of tiles) {
      if (this.watched.has(tile)) continue;
      this.watched.add(tile);
      this.observer.observe(tile);
    }
  }

  /** Begin anew: other pictures stand in the same places. */
  restart(): void {
    this.observer.disconnect();
    this.watched = new WeakSet();
    this.entered.clear();
  }

  stop(): void {
    this.observer.disconnect();
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private note(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.entered.set(target, performance.now());
      else this.entered.delete(target);
    }
    if (this.entered.size) this.timer ??= setInterval(() => this.turn(), TURN);
  }

  private turn(): void {
    const now = performance.now();
    if (document.visibilityState !== "visible") {
      for (const tile of this.entered.keys()) this.entered.set(tile, now);
      return;
    }
    const ripe = [...this.entered].filter(([, since]) => now - since >= SEEN_AFTER).map(([tile]) => tile);
    for (const tile of ripe) this.entered.delete(tile);
    if (ripe.length) this.seen(ripe);
    if (!this.entered.size) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
  }
}
