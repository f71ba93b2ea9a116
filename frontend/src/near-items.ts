/** <near-items item dataset>: what lies nearest to an item in any label, and what each of those is labelled. */
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { get, type Label } from "./api";
import { Details, type Item } from "./item-details";
import { icon, shared } from "./shared";

const SHOWN = 6;
/** Whoever steps through cases does not ask for each on the way. */
const AFTER = 250;

@customElement("near-items")
export class NearItems extends LitElement {
  static override styles = [
    shared,
    css`
      :host { margin: 14px 0; min-height: 78px; } ul { list-style: none; display: flex; gap: 4px; margin: 6px 0 0; padding: 0; } li { position: relative; flex: 0 1 56px; min-width: 0; }
      img.crop { width: 100%; aspect-ratio: 1; border-radius: 5px; object-fit: cover; background: var(--line); } .other { position: absolute; left: 3px; bottom: 3px; border-radius: 5px; box-shadow: 0 0 0 1.5px #fff; background: var(--paper); }
    `,
  ];

  @property({ type: Number }) item = 0;
  @property({ type: Number, attribute: "dataset" }) of = 0;
  /** What the item is labelled now. */
  @property() label = "";
  @property({ attribute: false }) labels: ReadonlyMap<string, Label> = new Map();
  @state() private near: Item[] | null = null;
  @state() private said = "";
  private details: Details | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("of")) this.details = new Details(this.of);
    if (!changed.has("item")) return;
    clearTimeout(this.timer);
    this.near = null;
    this.said = "";
    this.timer = setTimeout(() => void this.look(this.item), AFTER);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  private async look(item: number): Promise<void> {
    try {
      const { in_any, said } = await get<{ in_any: number[]; said: string }>(`/api/items/${item}/alike/`);
      const ids = in_any.slice(0, SHOWN);
      await this.details?.need(ids);
      if (this.item !== item) return;
      this.near = ids.flatMap((id) => this.details?.get(id) ?? []);
      this.said = said;
    } catch (error) {
      if (this.item === item) this.said = (error as Error).message;
    }
  }

  private readable(name: string): string {
    return this.labels.get(name)?.readable_name ?? name;
  }

  /** "4 are Stop, 2 Yield", the commonest first. */
  private summary(near: readonly Item[]): string {
    const counts = new Map<string, number>();
    for (const { label } of near) counts.set(label, (counts.get(label) ?? 0) + 1);
    const sorted = [...counts].sort(([a, n], [b, m]) => m - n || a.localeCompare(b));
    return sorted.map(([label, n], place) => `${n}${place ? "" : n === 1 ? " is" : " are"} ${this.readable(label)}`).join(", ");
  }

  override render(): TemplateResult {
    const { near } = this;
    if (!near) return html`<span class="small soft">${this.said || "Looking for what is most like it…"}</span>`;
    if (!near.length) return html`<span class="small soft" id="near">${this.said || "Nothing is known to be like it."}</span>`;
    return html`<span class="small soft" id="near">Of those most like it ${this.summary(near)}</span>
      <ul>${near.map((one) => html`<li title=${this.readable(one.label)}><img class="crop" src=${one.crop} alt="an item labelled ${this.readable(one.label)}" loading="lazy" />
        ${one.label === this.label ? nothing : html`<span class="other">${icon(this.labels.get(one.label), 18)}</span>`}</li>`)}</ul>`;
  }
}
