/** <rule-dialog>: make a decision the rule of the labels that it speaks of, with its item as the example. Emits `ruled`. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { ApiError, call, type Label } from "./api";
import type { Case } from "./cases";
import { shared } from "./shared";

@customElement("rule-dialog")
export class RuleDialog extends LitElement {
  static override styles = [
    shared,
    css`dialog { width: min(94vw, 520px); } .what { display: grid; grid-template-columns: 112px minmax(0, 1fr); gap: 14px; align-items: start; margin: 12px 0; } .what img { width: 112px; height: 112px; object-fit: contain; border-radius: 8px; background: var(--line); } textarea { min-height: 96px; resize: vertical; }`,
  ];

  @property({ attribute: false }) labels: ReadonlyMap<string, Label> = new Map();
  @state() private example: Case | null = null;
  @state() private busy = false;
  @state() private trouble = "";
  @query("dialog") private dialog!: HTMLDialogElement;
  @query("textarea") private words!: HTMLTextAreaElement;

  get showing(): boolean {
    return this.dialog?.open ?? false;
  }

  async open(example: Case): Promise<void> {
    this.example = example;
    this.trouble = "";
    await this.updateComplete;
    this.words.value = "";
    this.dialog.showModal();
    this.words.focus();
  }

  private async save(event: Event): Promise<void> {
    event.preventDefault();
    if (!this.example || this.busy) return;
    this.busy = true;
    try {
      await call("POST", `/api/verdicts/${this.example.id}/ruling/`, { said: this.words.value });
      this.dialog.close();
      this.dispatchEvent(new CustomEvent("ruled"));
    } catch (error) {
      this.trouble = error instanceof ApiError && error.passing ? "Not saved: the server does not answer. Your words are kept; save again in a moment." : (error as Error).message;
    } finally {
      this.busy = false;
    }
  }

  override render(): TemplateResult {
    const { example } = this;
    return html`<dialog aria-labelledby="rule-title">${example ? html`<form @submit=${this.save}>
      <h1 id="rule-title">Make it the rule</h1>
      <div class="what"><img src="${example.item.crop}?size=320" alt="The example" /><div><p class="small soft">What you decided joins the guideline of ${this.labels.get(example.item.label)?.readable_name ?? example.item.label}, and of the label that you gave if you gave one, with this example. Everybody is shown it once.</p>
        <textarea id="rule-said" maxlength="1000" required aria-label="The rule" placeholder="Why is it so? One sentence that holds for all like it."></textarea></div></div>
      ${this.trouble ? html`<p class="error small" role="alert">${this.trouble}</p>` : nothing}
      <div class="row"><span class="grow"></span><button type="button" @click=${() => this.dialog.close()}>Cancel</button><button class="primary" id="rule-save" ?disabled=${this.busy}>Make it the rule</button></div></form>` : nothing}</dialog>`;
  }
}
