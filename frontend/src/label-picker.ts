/** <label-picker>: type a few letters, get a label. Emits `pick` with the label's name, `leave` on Escape. */
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { Label } from "./api";
import { language, msg } from "./language";
import { named, shared } from "./shared";

const MOST = 8;

/** Labels that fit what was typed: those that begin with it, then those with a word that does, then the rest. */
export function fitting(labels: Iterable<Label>, typed: string, first: readonly string[] = []): Label[] {
  const words = typed.toLowerCase().split(/[\s_-]+/).filter(Boolean);
  const ranked = [...labels].flatMap((label) => {
    const name = `${label.readable_name} ${label.name}`.toLowerCase();
    if (!words.every((word) => name.includes(word))) return [];
    const near = first.indexOf(label.name);
    const begins = words[0] === undefined || name.startsWith(words[0]) ? 0 : name.split(/[\s_-]+/).some((w) => w.startsWith(words[0]!)) ? 1 : 2;
    return [{ label, rank: begins * 1000 + (near < 0 ? 500 : near) }];
  });
  ranked.sort((a, b) => a.rank - b.rank || a.label.readable_name.localeCompare(b.label.readable_name, language, { numeric: true }));
  return ranked.map(({ label }) => label);
}

@customElement("label-picker")
export class LabelPicker extends LitElement {
  static override styles = [
    shared,
    css`
      :host { position: relative; }
      ul { list-style: none; margin: 4px 0 0; padding: 4px; max-height: 236px; overflow: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--raised);
        position: absolute; z-index: 5; left: 0; right: 0; box-shadow: 0 12px 40px #0004; }
      ul.above { bottom: 100%; margin: 0 0 4px; }
      li { padding: 5px 8px; border-radius: 5px; cursor: pointer; }
      li[aria-selected="true"] { background: var(--ground); box-shadow: inset 0 0 0 1px var(--line); }
      .none { color: var(--soft); cursor: default; }
      @media (max-width: 640px) { input { min-height: 40px; } }
    `,
  ];

  @property({ attribute: false }) labels = new Map<string, Label>();
  /** Names to offer first, such as look-alikes. */
  @property({ attribute: false }) first: readonly string[] = [];
  @property({ attribute: false }) except: string | null = null;
  @property({ attribute: false }) value: string | null = null;
  @property() placeholder = msg("Another label…");
  @state() private typed = "";
  @state() private at = 0;
  @state() private open = false;
  @state() private above = false;
  @query("input") private input!: HTMLInputElement;

  override focus(): void {
    this.input?.focus();
    this.input?.select();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if ((changed.has("value") || changed.has("labels")) && !this.open) this.typed = this.value ? (this.labels.get(this.value)?.readable_name ?? this.value) : "";
  }

  private get found(): Label[] {
    const typed = this.typed === (this.labels.get(this.value ?? "")?.readable_name ?? "") ? "" : this.typed;
    return fitting(this.labels.values(), typed, this.first).filter(({ name }) => name !== this.except).slice(0, MOST);
  }

  override render(): TemplateResult {
    const found = this.open ? this.found : [];
    return html`<input
        role="combobox" aria-expanded=${this.open} aria-controls="found" aria-autocomplete="list" aria-label=${this.placeholder}
        aria-activedescendant=${found.length ? `found-${this.at}` : nothing}
        autocomplete="off" spellcheck="false" placeholder=${this.placeholder} .value=${this.typed}
        @focus=${this.show} @blur=${() => (this.open = false)} @input=${this.type} @keydown=${this.key} />
      ${this.open
        ? html`<ul id="found" role="listbox" class=${this.above ? "above" : ""}>
            ${found.map(
              (label, n) => html`<li role="option" id="found-${n}" data-label=${label.name} aria-selected=${n === this.at}
                @pointerdown=${(event: Event) => { event.preventDefault(); this.pick(label); }}>${named(label, label.name, 22)}</li>`,
            )}
            ${found.length ? nothing : html`<li class="none">${msg("No label is called like that.")}</li>`}
          </ul>`
        : nothing}`;
  }

  private show(): void {
    const { bottom, top } = this.getBoundingClientRect();
    this.above = innerHeight - bottom < 250 && top > 250;
    this.at = 0;
    this.open = true;
  }

  private type(event: Event): void {
    this.typed = (event.target as HTMLInputElement).value;
    this.at = 0;
    this.open = true;
  }

  private key(event: KeyboardEvent): void {
    const found = this.found;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.at = (this.at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % Math.max(1, found.length);
    } else if (event.key === "Enter") {
      const label = found[this.at];
      if (label) this.pick(label);
    } else if (event.key === "Escape") {
      this.leave();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private pick(label: Label): void {
    this.dispatchEvent(new CustomEvent("pick", { detail: label.name }));
    this.leave();
  }

  private leave(): void {
    this.open = false;
    this.typed = this.value ? (this.labels.get(this.value)?.readable_name ?? "") : "";
    this.input.blur();
    this.dispatchEvent(new CustomEvent("leave"));
  }
}
