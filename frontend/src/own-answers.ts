/** <own-answers campaign>: tells a person that their questions were answered, without moving anything on the page. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { call, get, type Label, type Page, type Ruling } from "./api";
import { readable } from "./grid-parts";
import { msg, str } from "./language";
import { rulingStyles, shot } from "./ruling-list";
import { shared } from "./shared";

interface Question {
  id: number;
  label: string;
  crop: string | null;
  text: string;
  answer: string;
  answered_at: string | null;
  ruling: Ruling | null;
  told: boolean;
}
/** Only whoever waits for an answer looks for one. */
const LOOK_EVERY = 15_000;

@customElement("own-answers")
export class OwnAnswers extends LitElement {
  static override styles = [
    shared,
    rulingStyles,
    css`
      .call { position: fixed; z-index: 5; right: 16px; bottom: 58px; border-radius: 99px; background: var(--accent); border-color: transparent; color: var(--on-accent); box-shadow: 0 6px 24px #0005; padding: 8px 16px; }
      dialog { width: min(94vw, 520px); } ul { list-style: none; margin: 12px 0; padding: 0; display: grid; gap: 16px; }
      li { display: flex; gap: 12px; align-items: start; } li > img { width: 64px; height: 64px; object-fit: contain; border-radius: 6px; background: var(--line); flex: none; }
      .words { display: grid; gap: 4px; min-width: 0; overflow-wrap: anywhere; white-space: pre-line; }
    `,
  ];

  @property({ type: Number }) campaign = 0;
  @property({ attribute: false }) labels: ReadonlyMap<string, Label> = new Map();
  @state() private questions: Question[] = [];
  @query("dialog") private dialog!: HTMLDialogElement;
  private timer: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look();
    this.timer = setInterval(() => {
      if (document.visibilityState === "visible" && this.questions.some((one) => !one.answered_at)) void this.look();
    }, LOOK_EVERY);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  /** Fetch them: at first, after one was asked, and while one is open. */
  async look(): Promise<void> {
    await get<Page<Question>>(`/api/questions/?campaign=${this.campaign}`).then(({ results }) => (this.questions = results), () => undefined);
  }

  private get news(): Question[] {
    return this.questions.filter(({ answered_at, told }) => answered_at && !told);
  }

  /** Closing says that they were read. */
  private closed(): void {
    const read = this.news;
    this.questions = this.questions.map((one) => (read.includes(one) ? { ...one, told: true } : one));
    for (const { id } of read) void call("POST", `/api/questions/${id}/told/`, {}).catch(() => undefined);
    this.dispatchEvent(new CustomEvent("leave"));
  }

  override render(): TemplateResult | typeof nothing {
    const { news } = this;
    if (!news.length) return nothing;
    return html`<button class="call" id="answers" @click=${() => this.dialog.showModal()}>${news.length === 1 ? msg("1 answer to what you asked") : msg(str`${news.length} answers to what you asked`)}</button>
      <span class="aside-only" role="status">${msg("A supervisor has answered what you asked.")}</span>
      <dialog aria-labelledby="answers-title" @close=${this.closed} @keydown=${(event: Event) => event.stopPropagation()} @click=${(event: Event) => event.target === this.dialog && this.dialog.close()}>
        <h1 id="answers-title">${msg("You asked")}</h1>
        <ul>${news.map((one) => this.renderAnswer(one))}</ul>
        <form method="dialog" class="row"><span class="grow"></span><button class="primary" id="answers-read">${msg("Got it")}</button></form></dialog>`;
  }

  private renderAnswer(one: Question): TemplateResult {
    const name = readable(this.labels, one.label);
    return html`<li data-question=${one.id}>${one.crop ? html`<img src=${one.crop} alt=${msg("The tile that you asked about")} />` : nothing}
      <div class="words"><span class="soft small">${name} · “${one.text}”</span><b>${one.answer}</b>
        ${one.ruling?.shows ? html`<span class="ruling small">${shot(one.ruling, name)}<span class=${one.ruling.shows === "yes" ? "good" : "error"}>${one.ruling.shows === "yes" ? msg(str`This is ${name}`) : msg(str`Not ${name}`)}</span></span>` : nothing}</div></li>`;
  }
}
