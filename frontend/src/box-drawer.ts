/** <box-drawer>: drag a box on a photo. Emits `box` with [x, y, width, height] in source pixels. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { shared, styled } from "./shared";

export type Box = [number, number, number, number];
interface Point {
  x: number;
  y: number;
}

/** The box between two corners given as shares of the picture's sides, in whole source pixels, at least one wide. */
export function boxBetween(a: Point, b: Point, image: { width: number; height: number }): Box {
  const clamp = (v: number) => Math.min(1, Math.max(0, v));
  const [left, right] = [Math.min(clamp(a.x), clamp(b.x)), Math.max(clamp(a.x), clamp(b.x))];
  const [top, bottom] = [Math.min(clamp(a.y), clamp(b.y)), Math.max(clamp(a.y), clamp(b.y))];
  const x = Math.min(image.width - 1, Math.floor(left * image.width));
  const y = Math.min(image.height - 1, Math.floor(top * image.height));
  return [x, y, Math.max(1, Math.ceil(right * image.width) - x), Math.max(1, Math.ceil(bottom * image.height) - y)];
}

@customElement("box-drawer")
export class BoxDrawer extends LitElement {
  static override styles = [
    shared,
    css`
      .photo { position: relative; cursor: crosshair; touch-action: none; user-select: none; -webkit-user-select: none; line-height: 0; overflow: hidden; border-radius: 8px; }
      img { width: 100%; pointer-events: none; }
      .box { position: absolute; border: 2px solid var(--accent); box-shadow: 0 0 0 9999px #0006; pointer-events: none; border-radius: 2px; }
    `,
  ];

  @property() src = "";
  @property({ attribute: false }) image = { width: 1, height: 1 };
  @state() private from: Point | null = null;
  @state() private to: Point | null = null;

  override render(): TemplateResult {
    return html`<div class="photo" @pointerdown=${this.down} @pointermove=${this.move} @pointerup=${this.up}>
      <img src=${this.src} alt="The whole photo; drag a box around the object" draggable="false" />${this.drawn()}</div>`;
  }

  private drawn(): TemplateResult | typeof nothing {
    if (!this.from || !this.to) return nothing;
    const [x, y, w, h] = boxBetween(this.from, this.to, this.image);
    const { width, height } = this.image;
    const styles = { left: `${(100 * x) / width}%`, top: `${(100 * y) / height}%`, width: `${(100 * w) / width}%`, height: `${(100 * h) / height}%` };
    return html`<div class="box" ${styled(styles)}></div>`;
  }

  private point(event: PointerEvent): Point {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  }

  private down = (event: PointerEvent): void => {
    event.preventDefault();
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.from = this.to = this.point(event);
  };

  private move = (event: PointerEvent): void => {
    if (this.from && event.buttons) this.to = this.point(event);
  };

  private up = (event: PointerEvent): void => {
    if (!this.from) return;
    this.to = this.point(event);
    const box = boxBetween(this.from, this.to, this.image);
    if (box[2] < 3 || box[3] < 3) this.from = this.to = null;
    else this.dispatchEvent(new CustomEvent<Box>("box", { detail: box }));
  };
}
