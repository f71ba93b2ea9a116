/** <desk-offer>: what is like the cases that were just settled and is open still, for the same decision. Emits `take`
 * with the verdicts that are to be settled alike, `leave` where they are not. */
import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Case } from "./cases";
import { shared } from "./shared";

@customElement("desk-offer")
export class DeskOffer extends LitElement {
  static override styles = [
    shared,
    css`
      :host { border: 1px solid var(--line); border-radius: 10px; background: var(--paper); padding: 12px 14px; margin-top: 14px; }
      .field { display: flex; gap: 6px; flex-wrap: wrap; margin: 10px 0; } .field button { all: unset; cursor: pointer; position: relative; border-radius: 6px; } .field img { width: 64px; height: 64px; object-fit: cover; border-radius: 6px; background: var(--line); display: block; }
      .field button[aria-pressed="true"] img { box-shadow: 0 0 0 2px var(--ink); } .field button[aria-pressed="false"] img { opacity: .4; } .field button:focus-visible img { box-shadow: 0 0 0 3px var(--accent); } .field i { position: absolute; top: 3px; left: 3px; width: 18px; height: 18px; border-radius: 50%; background: var(--ink); color: var(--ground); font: 12px/18px sans-serif; text-align: center; }
    `,
  ];

  @property({ attribute: false }) cases: Case[] = [];
  /** What was decided, as the button says it: "Make them Stop". */
  @property() what = "";
  @property({ type: Boolean }) busy = false;
  @state() private out: ReadonlySet<number> = new Set();

  /** The verdicts that are taken. */
  get taken(): number[] {
    return this.cases.map(({ id }) => id).filter((id) => !this.out.has(id));
  }

  private toggle(id: number): void {
    const out = new Set(this.out);
    if (!out.delete(id)) out.add(id);
    this.out = out;
  }

  override render(): TemplateResult {
    return html`<b>Look-alikes that are open still</b> <span class="small soft">Leave out what is different.</span>
      <div class="field">${this.cases.map(({ id, item }) => html`<button data-offer=${id} aria-pressed=${!this.out.has(id)} aria-label="${item.key}, ${this.out.has(id) ? "left out" : "taken"}" @click=${() => this.toggle(id)}><img src="${item.crop}?size=128" alt="" />${this.out.has(id) ? "" : html`<i aria-hidden="true">✓</i>`}</button>`)}</div>
      <div class="row"><button class="primary" id="offer-take" ?disabled=${this.busy || !this.taken.length} @click=${() => this.dispatchEvent(new CustomEvent("take", { detail: this.taken }))}>${this.what} <kbd>Y</kbd></button>
        <button id="offer-leave" @click=${() => this.dispatchEvent(new CustomEvent("leave"))}>Leave them</button></div>`;
  }
}
