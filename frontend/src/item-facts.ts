/** <item-facts>: the tile in hand, large, with all that is known of it. Fires `photo`, `like` and `leave`. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Label } from "./api";
import type { Item } from "./item-details";
import { count, percent } from "./numbers";
import { named, shared } from "./shared";
import { STATES } from "./slice";

const LEAST = 0.001; // a suggestion's probability, below which nobody would follow it

@customElement("item-facts")
export class ItemFacts extends LitElement {
  static override styles = [
    shared,
    css`
      :host { padding: 14px 16px; min-width: 0; }
      .crop { width: 100%; height: clamp(140px, 32vh, 320px); object-fit: contain; border-radius: 8px; background: var(--ground); }
      .gone { display: grid; place-items: center; color: var(--soft); }
      .row { margin: 10px 0 14px; flex-wrap: nowrap; } .row button { flex: 1; padding: 6px 4px; min-height: 36px; }
      dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 5px 14px; margin: 0; font-size: 13px; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
      dd.key { user-select: all; } .suggested { display: flex; gap: 8px; justify-content: space-between; } .suggested + .suggested { margin-top: 3px; }
      .none { color: var(--soft); padding: 30px 0; text-align: center; }
      .close { float: right; margin: -6px -8px 0 0; min-width: 44px; min-height: 36px; }
      @media (min-width: 1001px) { .close { display: none; } }
    `,
  ];

  @property({ attribute: false }) item: Item | null = null;
  @property({ attribute: false }) labels: ReadonlyMap<string, Label> = new Map();
  @property({ type: Boolean }) pinned = false;
  @state() private lost = "";

  override render(): TemplateResult {
    const { item } = this;
    if (!item) return html`<p class="none small">Choose a tile to see it large, with what is known of it.</p>`;
    const known = Object.entries(item.attributes);
    const rather = item.suggestions.filter(({ probability }) => probability >= LEAST);
    return html`<button class="plain close" id="facts-close" aria-label="Close" @click=${() => this.say("leave")}>✕</button>
      ${this.lost === item.crop ? html`<div class="crop gone small">The picture is no longer in storage.</div>`
        : html`<img class="crop" src=${item.crop} alt="The item, large" @error=${() => (this.lost = item.crop)} />`}
      <div class="row"><button id="photo" @click=${() => this.say("photo")}>Whole photo <kbd>F</kbd></button>
        <button id="like" aria-pressed=${this.pinned} @click=${() => this.say("like")}>${this.pinned ? "Unpin" : "Most like it"} <kbd>P</kbd></button></div>
      <dl><dt>Key</dt><dd class="key">${item.key}</dd>
        <dt>Label</dt><dd id="fact-label">${named(this.labels.get(item.label), item.label, 20)}</dd>
        <dt>Taken for</dt><dd id="fact-predicted">${item.predicted ? named(this.labels.get(item.predicted), item.predicted, 20) : "not known yet"}</dd>
        <dt>Suspicion</dt><dd id="fact-suspicion">${item.suspicion === null ? "not known yet" : percent(item.suspicion)}</dd>
        ${item.loss === null ? nothing : html`<dt>Loss</dt><dd>${item.loss.toPrecision(3)}</dd>`}
        ${rather.length ? html`<dt>Rather</dt><dd id="fact-suggestions">${rather.map(({ label, probability }) => html`<div class="suggested">${named(this.labels.get(label), label, 18)}<span class="soft">${percent(probability)}</span></div>`)}</dd>` : nothing}
        <dt>State</dt><dd id="fact-state">${STATES[(item.state ?? "none") as keyof typeof STATES] ?? item.state}${item.probability === null ? nothing : html` <span class="soft">wrong: ${percent(item.probability)} now</span>`}</dd>
        <dt>Size</dt><dd id="fact-size">${count(Math.round(item.width))} × ${count(Math.round(item.height))} pixels</dd>
        ${known.map(([name, value]) => html`<dt>${name}</dt><dd>${typeof value === "object" ? JSON.stringify(value) : String(value)}</dd>`)}</dl>`;
  }

  private say(what: "photo" | "like" | "leave"): void {
    this.dispatchEvent(new CustomEvent(what));
  }
}
