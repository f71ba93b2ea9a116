/** <guideline-editor>: a label's guideline for a lead: its text, its rulings, and how it came about. Emits `written`. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { all, ApiError, call, type Label, type Ruling } from "./api";
import { plural, when } from "./numbers";
import { rulingStyles, shot } from "./ruling-list";
import { named, shared } from "./shared";

interface Version {
  version: number;
  text: string;
  cause: "edited" | "answered";
  by: string | null;
  at: string;
  rulings: Ruling[];
}

@customElement("guideline-editor")
export class GuidelineEditor extends LitElement {
  static override styles = [
    shared,
    rulingStyles,
    css`
      dialog { width: min(94vw, 640px); } textarea { min-height: 110px; resize: vertical; margin-top: 10px; }
      h2 { margin: 16px 0 8px; } .kept { list-style: none; margin: 0; padding: 0; display: grid; gap: 12px; } .kept li { display: flex; gap: 12px; align-items: start; } .kept .words { flex: 1; min-width: 0; overflow-wrap: anywhere; display: grid; gap: 2px; } .kept .dropped { text-decoration: line-through; color: var(--soft); }
      details { margin-top: 14px; } .versions { list-style: none; margin: 0; padding: 0; } .versions li { padding: 8px 0; border-top: 1px solid var(--line); } .versions p { margin: 4px 0 0; white-space: pre-line; overflow-wrap: anywhere; }
      .buttons { margin-top: 14px; }
    `,
  ];

  @property({ attribute: false }) label: Label | null = null;
  @state() private drop = new Set<number>();
  @state() private versions: Version[] | null = null;
  @state() private busy = false;
  @state() private trouble = "";
  @query("dialog") private dialog!: HTMLDialogElement;
  @query("textarea") private words!: HTMLTextAreaElement;

  async open(label: Label): Promise<void> {
    this.label = label;
    this.drop = new Set();
    this.versions = null;
    this.trouble = "";
    await this.updateComplete;
    this.words.value = label.guideline;
    this.dialog.showModal();
  }

  private async save(event: Event): Promise<void> {
    event.preventDefault();
    const { label } = this;
    if (!label || this.busy) return;
    this.busy = true;
    try {
      const keep = label.rulings.map(({ id }) => id).filter((id) => !this.drop.has(id));
      const written = await call<Label>("POST", `/api/labels/${label.id}/guideline/`, { text: this.words.value, keep, version: label.guideline_version });
      this.dialog.close();
      this.dispatchEvent(new CustomEvent("written", { detail: written }));
    } catch (error) {
      this.trouble = error instanceof ApiError && error.passing ? "Not saved: the server does not answer. Your words are kept; save again in a moment." : (error as Error).message;
    } finally {
      this.busy = false;
    }
  }

  private async history(event: Event): Promise<void> {
    if (!(event.target as HTMLDetailsElement).open || !this.label || this.versions) return;
    try {
      this.versions = (await all<Version>(`/api/labels/${this.label.id}/guideline/`, 200)).results;
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  private toggle(id: number): void {
    const drop = new Set(this.drop);
    if (!drop.delete(id)) drop.add(id);
    this.drop = drop;
  }

  override render(): TemplateResult {
    const { label } = this;
    return html`<dialog aria-labelledby="guideline-title">${label ? html`<form @submit=${this.save}>
      <h1 id="guideline-title">${named(label, label.name, 26)}</h1>
      <textarea id="guideline-text" maxlength="4000" aria-label="Guideline" placeholder="What is one, what is none? Reviewers are shown each change once."></textarea>
      ${label.rulings.length ? html`<h2>Rulings</h2><ul class="kept small">${label.rulings.map((ruling) => this.renderRuling(ruling, label))}</ul>` : nothing}
      ${this.trouble ? html`<p class="error small" role="alert">${this.trouble}</p>` : nothing}
      <div class="row buttons"><span class="grow"></span><button type="button" @click=${() => this.dialog.close()}>Cancel</button><button class="primary" id="save-guideline" ?disabled=${this.busy}>Save</button></div>
      ${label.guideline_version ? html`<details id="versions" @toggle=${this.history}><summary class="small">${plural(label.guideline_version, "version")}</summary>${this.renderVersions(label)}</details>` : nothing}</form>` : nothing}</dialog>`;
  }

  private renderRuling(ruling: Ruling, label: Label): TemplateResult {
    const dropped = this.drop.has(ruling.id);
    return html`<li data-ruling=${ruling.id}>${shot(ruling, label.readable_name, 64)}<span class="words ${dropped ? "dropped" : ""}">${ruling.asked ? html`<span class="soft">“${ruling.asked}”</span>` : nothing}<span>${ruling.said}</span></span>
      <button type="button" class="plain" aria-pressed=${dropped} @click=${() => this.toggle(ruling.id)}>${dropped ? "Keep it" : "Take out"}</button></li>`;
  }

  private renderVersions(label: Label): TemplateResult {
    if (!this.versions) return html`<p class="soft small">Fetching them…</p>`;
    return html`<ol class="versions small">${this.versions.map((one, n) => html`<li data-version=${one.version}><span class="soft">${one.version} · ${when(one.at)} · ${one.by ?? "imported"}${one.cause === "answered" ? " answered a question" : ""}</span>
      <p>${one.text || html`<span class="soft">No text.</span>`}</p>${one.rulings.length ? html`<p class="soft">${plural(one.rulings.length, "ruling")}: ${one.rulings.map(({ said, shows }) => `${shows === "yes" ? "✓ " : shows === "no" ? "✕ " : ""}${said}`).join(" · ")}</p>` : nothing}${n === 0 ? html`<span class="aside-only">holds for ${label.readable_name} now</span>` : nothing}</li>`)}</ol>`;
  }
}
