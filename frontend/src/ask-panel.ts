/** <ask-panel>: a question to a supervisor, about a tile or about its class. `open` shows it; emits `asked`. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { ApiError, call } from "./api";
import { msg, str } from "./language";
import { shared } from "./shared";
import { store } from "./store";

/** What is asked about; `position` null where there is no tile. */
export interface About {
  assignment: number;
  position: number | null;
  label: string;
  name: string;
  crop: string | null;
}

const DRAFT = "mlfix.question";
const MOST = 500;

@customElement("ask-panel")
export class AskPanel extends LitElement {
  static override styles = [
    shared,
    css`
      dialog { width: min(94vw, 460px); }
      .about { display: flex; gap: 12px; align-items: center; margin: 12px 0; } .about img { width: 84px; height: 84px; object-fit: contain; border-radius: 8px; background: var(--line); flex: none; }
      fieldset { border: 0; padding: 0; margin: 0; display: grid; gap: 6px; min-width: 0; } .about label { display: flex; gap: 8px; align-items: baseline; cursor: pointer; min-height: 28px; overflow-wrap: anywhere; }
      textarea { min-height: 84px; resize: vertical; } form .row { margin-top: 12px; }
    `,
  ];

  @state() private about: About | null = null;
  @state() private whole = false;
  @state() private busy = false;
  @state() private trouble = "";
  @query("dialog") private dialog!: HTMLDialogElement;
  @query("textarea") private words!: HTMLTextAreaElement;
  private key = "";

  get isOpen(): boolean {
    return this.dialog?.open ?? false;
  }

  async open(about: About): Promise<void> {
    this.about = about;
    this.whole = about.position === null;
    this.trouble = "";
    this.key = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("-");
    await this.updateComplete;
    this.words.value = kept(about.assignment) || this.first;
    this.dialog.showModal();
    this.words.select();
  }

  /** What most people would ask: then the key alone, and Enter, are enough. */
  private get first(): string {
    return this.about && !this.whole ? msg(str`Is this ${this.about.name}?`).slice(0, MOST) : "";
  }

  private choose(whole: boolean): void {
    const untouched = this.words.value === this.first;
    this.whole = whole;
    if (untouched) this.words.value = this.first;
    this.words.focus();
  }

  private typed(): void {
    if (this.about) store(DRAFT, JSON.stringify({ assignment: this.about.assignment, text: this.words.value }));
  }

  private async send(event: Event): Promise<void> {
    event.preventDefault();
    const { about } = this;
    const text = this.words.value.trim();
    if (!about || this.busy) return;
    if (!text) return void (this.trouble = msg("Write what you would like to know."));
    this.busy = true;
    try {
      const body = this.whole ? { text, label: about.label } : { text, position: about.position };
      await call("POST", `/api/assignments/${about.assignment}/questions/`, body, { headers: { "Idempotency-Key": this.key } });
      localStorage.removeItem(DRAFT);
      this.dialog.close();
      this.dispatchEvent(new CustomEvent("asked"));
    } catch (error) {
      this.trouble = error instanceof ApiError && error.passing ? msg("Not sent: the server does not answer. Your words are kept; send them again in a moment.") : msg(str`Not sent: ${(error as Error).message}`);
    } finally {
      this.busy = false;
    }
  }

  private pressed(event: KeyboardEvent): void {
    // The page's own keys are for its tiles.
    event.stopPropagation();
    if (event.key === "Enter" && !event.shiftKey && event.composedPath()[0] === this.words) void this.send(event);
  }

  override render(): TemplateResult {
    const { about } = this;
    return html`<dialog aria-labelledby="ask-title" @keydown=${this.pressed} @close=${() => this.dispatchEvent(new CustomEvent("leave"))}
      @click=${(event: Event) => event.target === this.dialog && this.dialog.close()}>
      ${about ? html`<form @submit=${this.send}><h1 id="ask-title">${msg("Ask a supervisor")}</h1>
        <div class="about">${about.crop && !this.whole ? html`<img src=${about.crop} alt=${msg("The tile that you ask about")} />` : nothing}
          ${about.position === null ? html`<span>${msg(str`About ${about.name}`)}</span>` : html`<fieldset class="small"><legend class="aside-only">${msg("What you ask about")}</legend>
            <label><input type="radio" name="about" value="tile" .checked=${!this.whole} @change=${() => this.choose(false)} />${msg("This tile")}</label>
            <label><input type="radio" name="about" value="class" .checked=${this.whole} @change=${() => this.choose(true)} />${msg(str`${about.name} in general`)}</label></fieldset>`}</div>
        <textarea id="question" maxlength=${MOST} aria-label=${msg("Your question")} placeholder=${msg("What would you like to know?")} @input=${this.typed}></textarea>
        ${this.trouble ? html`<p class="error small" role="alert">${this.trouble}</p>` : nothing}
        <p class="soft small">${msg("Your tiles stay as they are; you can go on meanwhile. The answer is shown to you here, and helps everybody.")}</p>
        <div class="row"><span class="grow"></span><button type="button" @click=${() => this.dialog.close()}>${msg("Cancel")}</button><button class="primary" id="send-question" ?disabled=${this.busy}>${msg("Ask")}</button></div></form>` : nothing}
    </dialog>`;
  }
}

/** Words that were being written about this assignment when the page went away. */
function kept(assignment: number): string {
  try {
    const draft = JSON.parse(localStorage.getItem(DRAFT) ?? "null") as { assignment: number; text: string } | null;
    return draft?.assignment === assignment ? draft.text : "";
  } catch {
    return "";
  }
}
