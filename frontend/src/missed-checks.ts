/** <missed-checks>: planted errors that were left alone in the last hand-in; one may disagree with each. It lies over the
 *  tiles, and emits `covers` with how many pixels of them. */
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { call, type Label } from "./api";
import { checksUrl, type Check } from "./assignments";
import { readable } from "./grid-parts";
import { msg, str } from "./language";
import { named, shared } from "./shared";

const ABOVE_FOOTER = 16;

@customElement("missed-checks")
export class MissedChecks extends LitElement {
  static override styles = [
    shared,
    css`
      :host { display: block; }
      .strip { display: flex; gap: 10px 18px; align-items: center; flex-wrap: wrap; position: fixed; z-index: 4; left: 24px; right: 24px; bottom: 62px; max-height: 40vh; overflow: auto; box-shadow: 0 12px 40px #0004; padding: 10px 14px; border: 1px solid var(--line); border-left: 3px solid var(--unsure); border-radius: 10px; background: var(--paper); }
      .said { max-width: 34ch; } .said b { display: block; }
      .checks { display: flex; gap: 10px 18px; flex-wrap: wrap; } .check { display: flex; gap: 10px; align-items: center; }
      .check img { width: 64px; height: 64px; border-radius: 6px; object-fit: contain; background: var(--line); }
      .check .what { display: grid; gap: 2px; justify-items: start; }
      @media (max-width: 700px) { .strip { left: 8px; right: 8px; } .said { max-width: none; } }
    `,
  ];

  @property({ type: Number }) assignment = 0;
  @property({ attribute: false }) missed: Check[] = [];
  @property({ attribute: false }) labels: ReadonlyMap<string, Label> = new Map();
  @state() private checks: Check[] = [];
  @state() private trouble = "";
  @query(".strip") private strip!: HTMLElement | null;
  private covered = 0;

  override willUpdate(changed: PropertyValues): void {
    if (!changed.has("assignment")) return;
    this.checks = this.missed;
    this.trouble = "";
  }

  override updated(): void {
    const covers = this.strip ? this.strip.offsetHeight + ABOVE_FOOTER : 0;
    if (covers === this.covered) return;
    this.covered = covers;
    this.dispatchEvent(new CustomEvent("covers", { detail: covers }));
  }

  private async disagree(position: number): Promise<void> {
    try {
      this.checks = (await call<{ results: Check[] }>("POST", checksUrl(this.assignment), { position })).results;
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.checks.length) return nothing;
    return html`<section class="strip small" id="missed" aria-label=${msg("Planted checks that you missed")}>
      <div class="said"><b>${this.checks.length === 1 ? msg("Last time you left 1 planted wrong label alone") : msg(str`Last time you left ${this.checks.length} planted wrong labels alone`)}</b><span class="soft">${msg("We plant a few to know how much is overlooked.")}</span></div>
      <div class="checks">${this.checks.map((check) => this.renderCheck(check))}</div>
      ${this.trouble ? html`<span class="error" role="alert">${this.trouble}</span>` : nothing}
      <span class="grow"></span><button class="plain" id="missed-close" @click=${() => (this.checks = [])}>${msg("Close")}</button></section>`;
  }

  private renderCheck({ position, shown, label, contest }: Check): TemplateResult {
    const url = `/api/assignments/${this.assignment}/tiles/${position}/crop/`;
    return html`<div class="check" data-position=${position}><img src=${url} alt=${msg(str`Shown as ${readable(this.labels, shown)}`)} />
      <div class="what"><span class="soft">${msg(str`not ${readable(this.labels, shown)}, but`)}</span>${named(this.labels.get(label), label, 20)}
        ${contest ? html`<span class="soft">${msg("A supervisor looks at it.")}</span>` : html`<button class="plain disagree" @click=${() => this.disagree(position)}>${msg("I disagree")}</button>`}</div></div>`;
  }
}
