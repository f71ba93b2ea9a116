/**
 * <line-chart>: lines over one axis, drawn by uPlot. What it shows is said in `label`, and the numbers stand in a table
 * beside it. Lines differ by their dashes too, not by colour alone.
 */
import { css, html, LitElement, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { Line, Plot } from "./plot";
import { shared } from "./shared";

@customElement("line-chart")
export class LineChart extends LitElement {
  static override styles = [
    shared,
    css`
      .plot { height: 190px; } .keys { display: flex; gap: 4px 16px; flex-wrap: wrap; list-style: none; margin: 6px 0 0; padding: 0; font-size: 12px; color: var(--soft); } .keys li { display: flex; gap: 6px; align-items: center; }
      svg { width: 26px; height: 8px; flex: none; }
    `,
  ];

  @property({ attribute: false }) x: readonly number[] = [];
  @property({ attribute: false }) lines: readonly Line[] = [];
  @property() unit = "";
  @property() label = "";
  @state() private trouble = "";
  @query(".plot") private place!: HTMLElement;
  private plot: Plot | null = null;
  private loading: Promise<void> | null = null;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.plot?.end();
    this.plot = null;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("x") || changed.has("lines")) this.loading ??= this.draw().finally(() => (this.loading = null));
  }

  /** The library comes with the first chart. */
  private async draw(): Promise<void> {
    try {
      const { Plot } = await import("./plot");
      if (!this.isConnected) return;
      this.plot ??= new Plot(this.place, this.unit);
      this.plot.show(this.x, this.lines);
    } catch {
      this.trouble = "The chart could not be loaded. Its numbers are in the table.";
    }
  }

  override render(): TemplateResult {
    return html`${this.trouble ? html`<p class="soft small">${this.trouble}</p>` : ""}<div class="plot" role="img" aria-label=${this.label}></div>
      <ul class="keys" aria-hidden="true">${this.lines.map(({ name, soft }) => html`<li><svg viewBox="0 0 26 8"><line x1="0" x2="26" y1="4" y2="4" stroke=${soft ? "var(--soft)" : "var(--accent)"} stroke-width=${soft ? 1.5 : 2.5} stroke-dasharray=${soft ? "4 4" : "none"} /></svg>${name}</li>`)}</ul>`;
  }
}
