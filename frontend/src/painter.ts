/** The pointer on the tiles: click, sweep and long press become marks; what a finger scrolls stays a scroll. */

const LONG_PRESS = 420;
const SLIP = 10;
const STRIDE = 12;

export interface Canvas {
  /** The position of the tile at this point of the window, or undefined. */
  at(x: number, y: number): number | undefined;
  begin(position: number): void;
  over(position: number): void;
  end(): void;
  /** A finger tapped here; true where that meant something else than a flag. */
  tapped(position: number, x: number, y: number): boolean;
  /** Shift-click. */
  reach(position: number): void;
}

export class Painter {
  painting = false;
  private pointer: number | undefined;
  private last = { x: 0, y: 0 };
  private press: ReturnType<typeof setTimeout> | undefined;
  private pressed: number | undefined;
  /** When a pointer acted last, so that the click that follows it is not taken for one of a screen reader. */
  actedAt = 0;

  constructor(private canvas: Canvas) {}

  down = (event: PointerEvent): void => {
    const position = this.canvas.at(event.clientX, event.clientY);
    if (position === undefined || event.button !== 0 || this.pointer !== undefined) return;
    this.actedAt = performance.now();
    this.last = { x: event.clientX, y: event.clientY };
    if (event.pointerType === "touch") {
      this.pointer = event.pointerId;
      this.pressed = position;
      this.press = setTimeout(() => this.start(position), LONG_PRESS);
    } else if (event.shiftKey) {
      event.preventDefault();
      this.canvas.reach(position);
    } else {
      this.pointer = event.pointerId;
      this.start(position);
    }
  };

  move = (event: PointerEvent): void => {
    if (event.pointerId !== this.pointer) return;
    const { x, y } = this.last;
    const far = Math.hypot(event.clientX - x, event.clientY - y);
    if (!this.painting) {
      if (far > SLIP) this.drop();
      return;
    }
    // A fast pointer jumps over tiles: visit what lies between.
    const strides = Math.max(1, Math.ceil(far / STRIDE));
    for (let n = 1; n <= strides; n++) {
      const position = this.canvas.at(x + ((event.clientX - x) * n) / strides, y + ((event.clientY - y) * n) / strides);
      if (position !== undefined) this.canvas.over(position);
    }
    this.last = { x: event.clientX, y: event.clientY };
  };

  up = (event: PointerEvent): void => {
    this.actedAt = performance.now();
    if (event.pointerId !== this.pointer) return;
    const tapped = this.painting ? undefined : this.pressed;
    const flags = this.painting || (tapped !== undefined && !this.canvas.tapped(tapped, event.clientX, event.clientY));
    if (flags && tapped !== undefined) this.canvas.begin(tapped);
    this.drop();
    if (flags) this.canvas.end();
  };

  cancel = (event: PointerEvent): void => {
    if (event.pointerId !== this.pointer) return;
    const { painting } = this;
    this.drop();
    if (painting) this.canvas.end();
  };

  /** Once a long press paints, the finger must not scroll. Listen to it without `passive`. */
  touchMove = (event: Event): void => {
    if (this.painting && event.cancelable) event.preventDefault();
  };

  private start(position: number): void {
    this.painting = true;
    this.canvas.begin(position);
  }

  private drop(): void {
    clearTimeout(this.press);
    this.pointer = this.pressed = undefined;
    this.painting = false;
  }
}
