/** <label-palette>: the second pass over what was flagged. Take a label or a reason in hand, then click or sweep over tiles.
 *  Emits `take` with what is taken in hand, `all` (true to give it to all, false to take labels off) and `leave`. */
import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { Label } from "./api";
import { withKey } from "./keys";
import "./label-picker";
import type { LabelPicker } from "./label-picker";
import { msg, str } from "./language";
import { REASONS } from "./say-panel";
import { icon, shared } from "./shared";
import type { Mark } from "./state";

type Brush = Partial<Mark>;

@customElement("label-palette")
export class LabelPalette extends LitElement {
  static override styles = [
    shared,
    css`
      :host { display: flex; gap: 8px 14px; align-items: center; flex-wrap: wrap; padding: 8px 24px; background: var(--paper); border-bottom: 1px solid var(--line); }
      .brushes { display: flex; gap: 6px; flex-wrap: wrap; }
      .brushes button { padding: 4px 9px 4px 5px; min-height: 34px; gap: 6px; font-weight: 450; max-width: 220px; }
      .brushes button > span { overflow: hidden; text-overflow: ellipsis; }
      .brushes button[aria-pressed="true"] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); font-weight: 600; }
      .glyph { display: grid; place-items: center; width: 22px; height: 22px; border-radius: 11px; background: var(--flag); color: light-dark(#fff, #1a0d05); font-weight: 700; font-size: 12px; flex: none; }
      label-picker { width: 160px; } @media (max-width: 1640px) { #palette-hint { display: none; } }
      @media (max-width: 640px) { :host { padding: 8px 10px; gap: 6px; } .brushes { flex-wrap: nowrap; overflow-x: auto; width: 100%; padding: 2px; } .brushes button { min-height: 44px; flex: none; } kbd { display: none; } label-picker { flex: 1 1 100px; width: auto; } .grow { display: none; } .all, #palette-done { flex: none; } .all { flex-wrap: nowrap; gap: 6px; } .all button, #palette-done { min-height: 44px; padding: 6px 10px; } }
    `,
  ];

  @property({ attribute: false }) labels = new Map<string, Label>();
  /** Names of the labels on offer, likeliest first. */
  @property({ attribute: false }) names: readonly string[] = [];
  @property({ attribute: false }) except: string | null = null;
  @property({ attribute: false }) brush: Brush | null = null;
  @property({ type: Number }) tiles = 0;
  @state() private added: string[] = [];
  @query("label-picker") private picker!: LabelPicker;

  get offered(): Brush[] {
    const names = [...new Set([...this.names, ...this.added])].slice(0, 9);
    const reasons = REASONS.filter(({ reason }) => reason !== "wrong_label" && reason !== "other").map(({ reason }) => ({ reason, label: null }));
    return [...names.map((label): Brush => ({ reason: "wrong_label", label })), ...reasons];
  }

  /** Take the nth label in hand, from 0; false where there is none. */
  pick(n: number): boolean {
    const brush = this.offered[n];
    if (!brush?.label) return false;
    this.say("take", brush);
    return true;
  }

  async askLabel(): Promise<void> {
    await this.updateComplete;
    await this.picker.updateComplete;
    this.picker.focus();
  }

  override render(): TemplateResult {
    return html`<div class="brushes" role="group" aria-label=${msg("In hand")}>${this.offered.map((brush, n) => this.renderBrush(brush, n))}</div>
      <label-picker .labels=${this.labels} .except=${this.except} .first=${this.names} placeholder=${withKey(msg("Another label…"), "L")}
        @pick=${(event: CustomEvent<string>) => this.add(event.detail)} @leave=${() => this.say("away")}></label-picker>
      <span class="row all"><button id="give-all" ?disabled=${!this.brush} @click=${() => this.say("all", true)}>${msg(str`All ${this.tiles}`)}</button>
        <button id="give-none" title=${msg("Take label and reason from all, and leave them flagged")} @click=${() => this.say("all", false)}>${msg("None")}</button></span>
      <span class="grow"></span><span class="small soft" id="palette-hint">${this.brush ? msg("Click or sweep over the tiles that it is for.") : msg("Take a label in hand.")}</span>
      <button id="palette-done" @click=${() => this.say("leave")}>${msg("Done")} <kbd>P</kbd></button>`;
  }

  private renderBrush(brush: Brush, n: number): TemplateResult {
    const label = brush.label ? this.labels.get(brush.label) : undefined;
    const reason = REASONS.find((known) => known.reason === brush.reason);
    const name = brush.label ? (label?.readable_name ?? brush.label) : reason?.name;
    const pressed = this.brush?.label === brush.label && this.brush?.reason === brush.reason;
    return html`<button data-label=${brush.label ?? ""} data-reason=${brush.reason ?? ""} aria-pressed=${pressed} title=${name ?? ""} @click=${() => this.say("take", brush)}>
      ${brush.label ? icon(label, 24) : html`<i class="glyph">${reason?.glyph}</i>`}<span>${name}</span>${brush.label ? html`<kbd>${n + 1}</kbd>` : ""}</button>`;
  }

  private add(name: string): void {
    this.added = [...this.added, name];
    this.say("take", { reason: "wrong_label", label: name });
  }

  private say(what: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }
}
