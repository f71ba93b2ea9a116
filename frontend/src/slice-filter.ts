/** <slice-filter>: what the explorer shows and in which order; fires `change-place` with what changes. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { Label } from "./api";
import "./label-picker";
import { plural } from "./numbers";
import { shared } from "./shared";
import { ORDERINGS, said, STATES, type Change, type Field, type Place } from "./slice";

const REST: readonly Field[] = ["predicted", "suspicion_min", "suspicion_max", "pixels_min", "pixels_max", "state"];

/** Suspicion is shown in per cent, so that it may be typed so too. */
function fraction(typed: string): string {
  const share = /^\s*([\d.]+)\s*%\s*$/.exec(typed);
  return share ? String(Number(share[1]) / 100) : typed.trim();
}

@customElement("slice-filter")
export class SliceFilter extends LitElement {
  static override styles = [
    shared,
    css`
      :host { display: grid; gap: 8px; min-width: 0; }
      .line { display: flex; gap: 8px 12px; align-items: end; flex-wrap: wrap; }
      .field { display: grid; gap: 3px; font-size: 12px; line-height: 17px; color: var(--soft); min-width: 0; flex: 0 1 200px; } .field > select, .field > input { color: var(--ink); height: 34px; }
      .field.wide { flex-basis: 320px; } .field.ends { flex: none; } .ends > span + span { display: flex; gap: 6px; align-items: center; } .ends input { width: 76px; height: 34px; }
      #more { height: 34px; }
      .pick { display: flex; gap: 4px; align-items: center; } .pick label-picker { flex: 1; min-width: 0; color: var(--ink); }
      .chips { display: flex; gap: 6px; flex-wrap: wrap; align-items: center; }
      .chip { padding: 2px 8px; border-radius: 99px; font-weight: 450; font-size: 12px; min-height: 26px; white-space: normal; overflow-wrap: anywhere; text-align: left; } .chip b { font-weight: 500; color: var(--soft); }
      @media (max-width: 640px) { .field, .field.wide, .field.ends { flex: 1 1 130px; } .ends input { width: 100%; } .chip { min-height: 32px; } }
      @media (pointer: coarse) { .chip, .pick button { min-height: 44px; min-width: 44px; } }
    `,
  ];

  @property({ attribute: false }) place: Place = { slice: {}, beside: "", like: null, near: "any" };
  @property({ attribute: false }) labels = new Map<string, Label>();
  @state() private open = false;
  @query("#search") private field!: HTMLInputElement;

  /** Begin to write what is searched for. */
  search(): void {
    this.field.focus();
    this.field.select();
  }

  private readable = (name: string): string => this.labels.get(name)?.readable_name ?? name;

  private change(change: Change): void {
    this.dispatchEvent(new CustomEvent<Change>("change-place", { detail: change }));
  }

  private written = (event: Event): void => {
    const { name, value } = event.target as HTMLInputElement | HTMLSelectElement;
    this.change({ [name]: name.startsWith("suspicion") ? fraction(value) : value.trim() });
  };

  override render(): TemplateResult {
    const { slice, beside } = this.place;
    // The label has its own way back, in its field.
    const chosen = said(slice, this.readable).filter(({ field }) => field !== "label");
    const hidden = chosen.filter(({ field }) => REST.includes(field)).length + Number(beside !== "");
    return html`<div class="line">
        ${this.picker("label", "Label", "Any label", slice.label ?? "")}
        <label class="field wide">Order<select name="ordering" id="ordering" @change=${this.written}>${Object.entries(ORDERINGS).map(([name, words]) => html`<option value=${name} .selected=${name === (slice.ordering ?? "blend")}>${words}</option>`)}</select></label>
        <label class="field search">Search in key<input type="search" name="search" id="search" maxlength="200" .value=${slice.search ?? ""} placeholder="Any key" @change=${this.written} /></label>
        <button id="more" aria-expanded=${this.open} aria-controls="rest" @click=${() => (this.open = !this.open)}>More${hidden ? html` <span class="soft" aria-label=${plural(hidden, "filter")}>${hidden}</span>` : nothing}</button>
      </div>
      ${this.open ? this.renderRest() : nothing}
      ${chosen.length ? html`<div class="chips" role="group" aria-label="Only these are shown">${chosen.map(({ field, words }) => html`<button class="chip" data-field=${field} aria-label="Show not only ${words}" @click=${() => this.change({ [field]: "" })}>${words} <b aria-hidden="true">×</b></button>`)}</div>` : nothing}`;
  }

  private renderRest(): TemplateResult {
    const { slice, beside } = this.place;
    return html`<div class="line" id="rest">
      ${this.picker("predicted", "Taken for", "Any label", slice.predicted ?? "")}
      ${this.range("suspicion", "Suspicion", "0", "1")} ${this.range("pixels", "Longer side, pixels", "any", "any")}
      <label class="field">State<select name="state" id="state" @change=${this.written}><option value="" .selected=${!slice.state}>Any</option>${Object.entries(STATES).map(([name, words]) => html`<option value=${name} .selected=${name === slice.state}>${words}</option>`)}</select></label>
      ${this.picker("beside", "Beside it", "Another label", beside)}
    </div>`;
  }

  private picker(name: "label" | "predicted" | "beside", words: string, placeholder: string, value: string): TemplateResult {
    return html`<div class="field"><span id="of-${name}">${words}</span><div class="pick" role="group" aria-labelledby="of-${name}">
      <label-picker id=${name} .labels=${this.labels} .value=${value || null} placeholder=${placeholder} @pick=${(event: CustomEvent<string>) => this.change({ [name]: event.detail })}></label-picker>
      ${value ? html`<button class="plain" id="no-${name}" aria-label="${words}: ${placeholder.toLowerCase()}" @click=${() => this.change({ [name]: "" })}>×</button>` : nothing}</div></div>`;
  }

  private range(name: "suspicion" | "pixels", words: string, least: string, most: string): TemplateResult {
    const end = (part: "min" | "max", says: string, placeholder: string): TemplateResult => {
      const field: Field = `${name}_${part}`;
      return html`<input name=${field} id=${field} inputmode="decimal" autocomplete="off" aria-label="${words}, ${says}" placeholder=${placeholder} .value=${this.place.slice[field] ?? ""} @change=${this.written} />`;
    };
    return html`<div class="field ends"><span>${words}</span><span>${end("min", "from", least)}<span>to</span>${end("max", "to", most)}</span></div>`;
  }
}
