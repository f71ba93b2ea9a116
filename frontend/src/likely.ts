/** The labels that the tile in hand may really carry, asked for once its panel has stood open for a moment. */

const AFTER = 200;

export class Likely {
  private position = -1;
  private names: readonly string[] | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private find: (position: number) => Promise<readonly string[]>,
    private changed: () => void,
  ) {}

  /** What is known of this tile; null while it is on its way. */
  of(position: number): readonly string[] | null {
    return position === this.position ? this.names : null;
  }

  /** The panel of this tile stands open. */
  ask(position: number): void {
    if (position === this.position) return;
    this.forget();
    this.position = position;
    const timer = setTimeout(async () => {
      const names = await this.find(position);
      if (this.timer !== timer) return;
      this.names = names;
      this.changed();
    }, AFTER);
    this.timer = timer;
  }

  /** Other tiles stand in the same places. */
  forget(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.names = null;
    this.position = -1;
  }
}
