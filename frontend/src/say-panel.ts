/** <say-panel>: what is it really? Suggestions, any label, a reason, a comment. Emits `say` with what changes. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import type { Label, Reason } from "./api";
import { withKey } from "./keys";
import "./label-picker";
import type { LabelPicker } from "./label-picker";
import { msg, str } from "./language";
import { icon, shared } from "./shared";
import type { Mark } from "./state";

/** `said`: within a sentence. */
export const REASONS: { reason: Reason; name: string; said: string; glyph: string; key: string }[] = [
  { reason: "wrong_label", name: msg("Wrong label"), said: msg("wrong label"), glyph: "≠", key: "" },
  { reason: "bad_box", name: msg("Bad box"), said: msg("bad box"), glyph: "▣", key: "B" },
  { reason: "cant_tell", name: msg("Can’t tell"), said: msg("can’t tell"), glyph: "?", key: "C" },
  { reason: "not_an_object", name: msg("Not an object"), said: msg("not an object"), glyph: "∅", key: "X" },
  { reason: "no_label", name: msg("No label fits"), said: msg("no label fits"), glyph: "⌀", key: "D" },
  { reason: "other", name: msg("Other"), said: msg("other"), glyph: "…", key: "" },
];

@customElement("say-panel")
export class SayPanel extends LitElement {
  static override styles = [
    shared,
    css`
      :host { padding: 12px; border-radius: 10px; background: var(--raised); border: 1px solid var(--line); box-shadow: 0 12px 40px #0004; width: 376px; max-width: 100%; }
      .title { display: flex; align-items: baseline; gap: 8px; }
      .options { display: grid; grid-template-columns: repeat(5, 1fr); gap: 6px; margin: 8px 0 10px; min-height: 98px; }
      .option { display: grid; justify-items: center; align-content: start; gap: 4px; padding: 7px 2px 5px; border-radius: 8px; min-width: 0; white-space: normal; font-weight: 450; }
      .option[aria-pressed="true"] { border-color: var(--flag); box-shadow: inset 0 0 0 1px var(--flag); }
      .option .name { font-size: 11px; line-height: 1.2; max-width: 100%; overflow: hidden; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow-wrap: anywhere; color: var(--soft); }
      .wait { grid-column: 1 / -1; align-self: center; }
      .words { display: grid; grid-template-columns: 1fr 1fr; gap: 6px; }
      .why { display: flex; gap: 6px; margin: 8px 0 0; flex-wrap: wrap; }
      .why button { border-radius: 99px; padding: 2px 9px; min-height: 26px; font-size: 12px; font-weight: 450; gap: 5px; }
      .why button[aria-pressed="true"] { border-color: var(--flag); color: var(--flag); }
      .close { padding: 0 6px; min-width: 26px; min-height: 26px; }
      @media (max-width: 640px) { .why kbd, .option kbd { display: none; } .options { min-height: 76px; } .why button { min-height: 36px; padding: 2px 12px; } .close { min-width: 40px; min-height: 36px; } input { min-height: 40px; } }
    `,
  ];

  @property({ attribute: false }) labels = new Map<string, Label>();
  @property({ attribute: false }) label: string | null = null;
  @property({ attribute: false }) mark: Mark | undefined;
  /** Names of the labels that it may be, most probable first; null while they are on their way. */
  @property({ attribute: false }) options: readonly string[] | null = null;
  /** How many tiles this speaks of. */
  @property({ type: Number }) tiles = 1;
  @query("label-picker") private picker!: LabelPicker;
  @query("#comment") private comment!: HTMLInputElement;

  async askLabel(): Promise<void> {
    await this.updateComplete;
    await this.picker.updateComplete;
    this.picker.focus();
  }

  async askComment(): Promise<void> {
    await this.updateComplete;
    this.comment.focus();
  }

  override render(): TemplateResult {
    const chosen = this.mark?.label ?? null;
    return html`<div class="title small soft">
        <span class="grow">${this.tiles > 1 ? msg(str`What are these ${this.tiles} really?`) : msg("What is it really?")}</span>
        <button class="plain close" id="say-close" aria-label=${msg("Close")} @click=${() => this.dispatchEvent(new CustomEvent("leave"))}>✕</button>
      </div>
      <div class="options">${this.choices(chosen)}</div>
      <div class="words"><label-picker .labels=${this.labels} .value=${chosen} .except=${this.label} .first=${this.options ?? []} placeholder=${withKey(msg("Another label…"), "L")}
        @leave=${() => this.dispatchEvent(new CustomEvent("away"))} @pick=${(event: CustomEvent<string>) => this.say({ reason: "wrong_label", label: event.detail })}></label-picker>
      <input id="comment" placeholder=${withKey(msg("Comment"), "M")} aria-label=${msg("Comment")} maxlength="2000" .value=${this.mark?.comment ?? ""}
        @change=${(event: Event) => this.say({ comment: (event.target as HTMLInputElement).value })}
        @keydown=${this.commentKey} /></div>
      <div class="why" role="group" aria-label=${msg("Reason")}>
        ${REASONS.map(
          ({ reason, name, key }) => html`<button data-reason=${reason} aria-pressed=${this.mark?.reason === reason}
            @click=${() => this.say(because(reason, this.mark))}>${name}${key ? html`<kbd>${key}</kbd>` : nothing}</button>`,
        )}
      </div>`;
  }

  /** Take what is being written, before one goes elsewhere. */
  finish(): void {
    this.comment?.blur();
  }

  private commentKey(event: KeyboardEvent): void {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    // Else the same key would press the tile that gets the focus now.
    event.preventDefault();
    this.finish();
    this.dispatchEvent(new CustomEvent("away"));
  }

  private choices(chosen: string | null): TemplateResult | TemplateResult[] {
    if (!this.options) return html`<span class="wait small soft">${msg("Looking for likely labels…")}</span>`;
    if (!this.options.length) return html`<span class="wait small soft">${msg("No likely label is known. Type one below.")}</span>`;
    return this.options.slice(0, 5).map((name, n) => {
      const label = this.labels.get(name);
      const readable = label?.readable_name ?? name;
      return html`<button class="option" data-label=${name} title=${readable} aria-pressed=${chosen === name}
        @click=${() => this.say({ reason: "wrong_label", label: chosen === name ? null : name })}>
        ${icon(label, 34)}<span class="name">${readable}</span><kbd>${n + 1}</kbd></button>`;
    });
  }

  private say(detail: Partial<Mark>): void {
    this.dispatchEvent(new CustomEvent("say", { detail }));
  }
}

/** What a reason changes: one that is not about the label takes the label back. */
export function because(reason: Reason, mark: Mark | undefined): Partial<Mark> {
  return { reason, label: reason === "wrong_label" || reason === "other" ? (mark?.label ?? null) : null };
}
