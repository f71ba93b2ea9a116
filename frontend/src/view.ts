/** How pictures are shown: light, window, frames, aspect, size. What a person chooses here is remembered. */
import { store } from "./store";
import { evenLight } from "./levels";
import type { Fit } from "./scale";
import { chosenSize, fittingSize, largeSize, nextSize, rememberSize } from "./tile-size";

export const SWITCHES = ["light", "outline", "whole", "bar", "scale"] as const;
export type Switch = (typeof SWITCHES)[number];
/** The window on the pictures' brightness: its middle and its width, as shares of all that they hold. */
export interface Window {
  level: number;
  width: number;
}
const OPEN: Window = { level: 0.5, width: 1 };
const PLACE = "mlfix.";

export class View {
  tile = chosenSize() ?? fittingSize(100);
  window: Window = OPEN;
  private on = new Set<Switch>(SWITCHES.filter((name) => localStorage.getItem(PLACE + name) === "on"));
  private filters = new Map<string, string>();

  has(name: Switch): boolean {
    return this.on.has(name);
  }

  toggle(name: Switch): void {
    if (!this.on.delete(name)) this.on.add(name);
    store(PLACE + name, this.on.has(name) ? "on" : "off");
  }

  /** How pictures lie in their tiles; `sized`: it is known how large they are. */
  fit(sized: boolean): Fit {
    if (sized && this.has("scale")) return "true";
    return this.has("whole") ? "whole" : "square";
  }

  /** Another assignment of so many tiles: sizes that were chosen stay, what was found of its pictures goes. */
  begin(tiles: number): void {
    this.filters.clear();
    this.tile = chosenSize() ?? fittingSize(tiles);
  }

  resize(by: 1 | -1): void {
    this.tile = nextSize(this.tile, by);
  }

  resizeTo(size: number): void {
    this.tile = size;
    rememberSize(size);
  }

  /** The side of a tile, where `few` are to be seen large. */
  side(few: number | null): number {
    return few === null ? this.tile : Math.max(this.tile, largeSize(few));
  }

  /** What the whole grid's pictures go through. */
  get windowed(): string {
    return filterOf(this.window);
  }

  openWindow(): void {
    this.window = OPEN;
  }

  /** Even the light of one loaded picture, or leave it as it is. */
  level(image: HTMLImageElement): void {
    if (!this.has("light")) return void image.style.removeProperty("--even");
    const known = this.filters.get(image.src) ?? (image.complete ? evenLight(image) : "");
    if (!known) return;
    this.filters.set(image.src, known);
    image.style.setProperty("--even", known);
  }
}

/** A CSS filter that maps the window's ends onto black and white: contrast(c) after brightness(b) is c*b*v + (1 - c)/2. */
export function filterOf({ level, width }: Window): string {
  if (level === OPEN.level && width === OPEN.width) return "";
  return `brightness(${(1 / (2 * level)).toFixed(3)}) contrast(${((2 * level) / width).toFixed(3)})`;
}
