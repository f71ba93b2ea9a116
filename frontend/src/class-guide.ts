/** <class-guide>: what is new in the guidelines of a batch, once; and its rulings, at hand all the time. */
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Label } from "./api";
import { readable } from "./grid-parts";
import { fetchGuidelines, guidelinesOf, isNews, markRead, type Guideline } from "./guidelines";
import { msg, str } from "./language";
import { rulingList, rulingStyles, shot } from "./ruling-list";
import { icon, shared } from "./shared";

const GLIMPSED = 4;

@customElement("class-guide")
export class ClassGuide extends LitElement {
  static override styles = [
    shared,
    rulingStyles,
    css`
      .news { margin: 12px 24px 0; padding: 12px 14px; border: 1px solid var(--line); border-left: 3px solid var(--accent); border-radius: 10px; background: var(--paper); display: grid; gap: 8px; }
      .news .top { display: flex; gap: 10px; align-items: center; } .news h2 { margin: 0; flex: 1; min-width: 0; overflow-wrap: anywhere; }
      .news p { margin: 0; max-width: 80ch; white-space: pre-line; overflow-wrap: anywhere; }
      details { margin: 8px 24px 0; } summary { cursor: pointer; display: flex; gap: 10px; align-items: center; flex-wrap: wrap; color: var(--soft); width: fit-content; min-height: 32px; padding-left: 2px; }
      summary .shot img { width: 26px; height: 26px; border-radius: 4px; } summary .sign { width: 13px; height: 13px; font-size: 9px; left: -4px; top: -4px; box-shadow: 0 0 0 1.5px var(--ground); }
      .glimpse { display: inline-flex; gap: 6px; }
      details[open] .rulings { padding: 8px 6px 4px; }
      @media (max-width: 700px) { .news { margin: 8px 8px 0; } details { margin: 6px 12px 0; } .ruling { max-width: none; } }
    `,
  ];

  @property({ type: Number }) assignment = 0;
  @property({ attribute: false }) labels: ReadonlyMap<string, Label> = new Map();
  @state() private guidelines: readonly Guideline[] = [];

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("assignment")) return;
    // Whoever has gone on to the next batch was shown it.
    for (const one of this.guidelines) if (isNews(one)) markRead(one);
    this.take();
    const { assignment } = this;
    if (assignment) void fetchGuidelines(assignment).then(() => this.assignment === assignment && this.take());
  }

  /** Handed in, and nothing comes after. */
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const one of this.guidelines) if (isNews(one)) markRead(one);
  }

  private take(): void {
    const found = guidelinesOf(this.assignment);
    if (found === this.guidelines) return;
    this.guidelines = found;
    if (found.length) this.dispatchEvent(new CustomEvent("guidelines", { detail: found }));
  }

  private close(one: Guideline): void {
    markRead(one);
    this.requestUpdate();
  }

  override render(): TemplateResult {
    return html`${this.guidelines.map((one) => (isNews(one) ? this.renderNews(one) : this.renderRulings(one)))}`;
  }

  private renderNews(one: Guideline): TemplateResult {
    const name = readable(this.labels, one.label);
    const changed = one.news === "changed";
    return html`<section class="news small" data-news=${one.label} aria-label=${msg(str`Guideline for ${name}`)}>
      <div class="top">${icon(this.labels.get(one.label), 26)}<h2>${changed ? msg(str`The guideline for ${name} has changed`) : msg(str`How to judge ${name}`)}</h2>
        <button class="got-it" @click=${() => this.close(one)}>${msg("Got it")}</button></div>
      ${one.text && (!changed || one.before !== null) ? html`<p>${one.text}</p>` : nothing}
      ${one.before ? html`<p class="soft">${msg(str`Before: ${one.before}`)}</p>` : nothing}
      ${rulingList(one.rulings.filter(({ fresh }) => fresh), name)}</section>`;
  }

  private renderRulings({ label, rulings }: Guideline): TemplateResult | typeof nothing {
    if (!rulings.length) return nothing;
    const name = readable(this.labels, label);
    return html`<details data-rulings=${label}><summary class="small"><span>${rulings.length === 1 ? msg(str`1 ruling on ${name}`) : msg(str`${rulings.length} rulings on ${name}`)}</span><span class="glimpse">${rulings.filter(({ crop }) => crop).slice(0, GLIMPSED).map((ruling) => shot(ruling, name, 26))}</span></summary>${rulingList(rulings, name)}</details>`;
  }
}
