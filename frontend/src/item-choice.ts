/** <item-choice dataset label>: choose an item of the dataset by its looks; emits `choose` with its key and crop. */
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { get, type Label, type Page } from "./api";
import "./label-picker";
import { shared } from "./shared";

interface Item {
  id: number;
  key: string;
  crop: string;
}
const SHOWN = 24;

@customElement("item-choice")
export class ItemChoice extends LitElement {
  static override styles = [
    shared,
    css`
      :host { display: grid; gap: 8px; } .items { display: grid; grid-template-columns: repeat(auto-fill, minmax(52px, 1fr)); gap: 4px; max-height: 230px; overflow: auto; padding: 3px; }
      .items button { padding: 0; border: 0; background: none; aspect-ratio: 1; } .items img { width: 100%; height: 100%; object-fit: cover; border-radius: 5px; background: var(--line); }
    `,
  ];

  @property({ type: Number, attribute: "dataset" }) of = 0;
  @property({ attribute: false }) labels: ReadonlyMap<string, Label> = new Map();
  /** The class that is shown at first: another one may be chosen. */
  @property() label = "";
  @property({ type: Boolean }) closable = false;
  @state() private items: Item[] | null = null;
  @state() private next: string | null = null;
  @state() private shown = SHOWN;
  @state() private trouble = "";

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("label")) void this.fetch(`/api/datasets/${this.of}/items/?label=${encodeURIComponent(this.label)}`, true);
  }

  private async fetch(url: string, fresh = false): Promise<void> {
    if (fresh) [this.items, this.shown] = [null, SHOWN];
    try {
      const page = await get<Page<Item>>(url);
      this.items = [...(fresh ? [] : (this.items ?? [])), ...page.results];
      this.next = page.next && page.next.replace(/^https?:\/\/[^/]+/, "");
      this.trouble = "";
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  private more(): void {
    this.shown += SHOWN;
    if (this.items && this.shown > this.items.length && this.next) void this.fetch(this.next);
  }

  override render(): TemplateResult {
    const { items } = this;
    return html`<label-picker .labels=${this.labels} .value=${this.label} placeholder="Items of which class" @pick=${(event: CustomEvent<string>) => (this.label = event.detail)}></label-picker>
      ${this.trouble ? html`<span class="error" role="alert">${this.trouble}</span>` : nothing}
      ${!items ? (this.trouble ? nothing : html`<span class="soft">Fetching the items…</span>`) : items.length
        ? html`<div class="items" role="group" aria-label="Items to choose from">${items.slice(0, this.shown).map(({ key, crop }) => html`<button type="button" data-key=${key} title=${key} aria-label="Choose ${key}" @click=${() => this.dispatchEvent(new CustomEvent("choose", { detail: { key, crop } }))}><img src="${crop}?size=128" alt="" loading="lazy" /></button>`)}</div>`
        : html`<span class="soft">This class has no item. Choose another one.</span>`}
      <div class="row">${items && (items.length > this.shown || this.next) ? html`<button type="button" class="plain" @click=${this.more}>More</button>` : nothing}
        ${this.closable ? html`<button type="button" class="plain" @click=${() => this.dispatchEvent(new CustomEvent("leave"))}>Cancel</button>` : nothing}</div>`;
  }
}
