/** <open-questions campaign dataset>: what reviewers ask, by class, for a supervisor to answer. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { all, ApiError, call, type Label } from "./api";
import { readable } from "./grid-parts";
import "./item-choice";
import { plural, when } from "./numbers";
import { OfCampaign } from "./of-campaign";
import { rulingList, rulingStyles } from "./ruling-list";
import { icon, named, shared } from "./shared";

interface Question {
  id: number;
  label: string;
  text: string;
  by: string;
  mine: boolean;
  at: string;
  item: { id: number; key: string; label: string; crop: string; context: string } | null;
  planted: boolean;
}
/** What is being written: kept while others' questions come and go. */
interface Draft {
  text: string;
  shows: "" | "yes" | "no";
  item: { key: string; crop: string } | null;
  forAll: boolean;
}
const EMPTY: Draft = { text: "", shows: "", item: null, forAll: true };

@customElement("open-questions")
export class OpenQuestions extends OfCampaign {
  static override styles = [
    shared,
    rulingStyles,
    css`
      details { margin: 12px 24px 0; border: 1px solid var(--line); border-radius: 10px; background: var(--paper); }
      details > summary { padding: 10px 14px; cursor: pointer; font-weight: 600; }
      .class { padding: 4px 14px 14px; } .class + .class { border-top: 1px solid var(--line); padding-top: 14px; }
      .class > h3 { font-size: 13px; margin: 0 0 8px; display: flex; gap: 8px; align-items: center; } .class > p { max-width: 80ch; white-space: pre-line; } .class > .rulings { margin-bottom: 14px; }
      .questions { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); gap: 20px; }
      .question { display: grid; grid-template-columns: 112px minmax(0, 1fr); gap: 14px; align-items: start; } .question.bare { grid-template-columns: minmax(0, 1fr); }
      .question > a img, .question > img { width: 112px; height: 112px; object-fit: contain; border-radius: 8px; background: var(--line); }
      .words { display: grid; gap: 8px; min-width: 0; overflow-wrap: anywhere; } .asked { font-size: 14px; font-weight: 550; } textarea { min-height: 60px; resize: vertical; }
      .shows { display: inline-flex; gap: 6px; flex-wrap: wrap; } .shows button { border-radius: 99px; padding: 3px 11px; font-size: 12px; font-weight: 450; }
      .shows button[aria-pressed="true"] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); font-weight: 600; }
      .chosen { display: flex; gap: 8px; align-items: center; } .chosen img { width: 48px; height: 48px; object-fit: cover; border-radius: 6px; background: var(--line); }
      .choice { display: flex; gap: 8px; align-items: baseline; }
      @media (max-width: 700px) { details { margin: 8px 8px 0; } .question { grid-template-columns: 84px minmax(0, 1fr); gap: 10px; } .question > a img, .question > img { width: 84px; height: 84px; } }
    `,
  ];

  @state() private questions: Question[] = [];
  @state() private drafts = new Map<number, Draft>();
  @state() private choosing: number | null = null;
  @state() private busy: number | null = null;
  @state() private trouble = new Map<number, string>();

  protected override async look(): Promise<void> {
    await all<Question>(`/api/campaigns/${this.campaign}/questions/`, 1000).then(({ results }) => (this.questions = results), () => undefined);
  }

  private draft(id: number): Draft {
    return this.drafts.get(id) ?? EMPTY;
  }
  private write(id: number, change: Partial<Draft>): void {
    this.drafts = new Map(this.drafts).set(id, { ...this.draft(id), ...change });
  }

  private async answer(event: Event, { id, label }: Question): Promise<void> {
    event.preventDefault();
    const { text, shows, item, forAll } = this.draft(id);
    if (this.busy !== null) return;
    if (!text.trim()) return void (this.trouble = new Map(this.trouble).set(id, "Write the answer first."));
    this.busy = id;
    try {
      const body = { text, shows, item: shows && item ? item.key : "", for_all: forAll };
      const said = await call<{ ruling: Label["rulings"][number] | null }>("POST", `/api/questions/${id}/answer/`, body);
      this.ruled(label, said.ruling);
      this.gone(id);
    } catch (error) {
      if (error instanceof ApiError && error.status === 409 && !/yourself|rulings/.test(error.message)) void this.look();
      this.trouble = new Map(this.trouble).set(id, error instanceof ApiError && error.passing ? "Not sent: the server does not answer. Your words are kept; send them again in a moment." : (error as Error).message);
    } finally {
      this.busy = null;
    }
  }

  private gone(id: number): void {
    this.questions = this.questions.filter((one) => one.id !== id);
    const drafts = new Map(this.drafts);
    drafts.delete(id);
    this.drafts = drafts;
  }

  /** The class's guideline as it is after an answer, for the next ones. */
  private ruled(name: string, ruling: Label["rulings"][number] | null): void {
    const label = this.labels.get(name);
    if (label && ruling) this.labels = new Map(this.labels).set(name, { ...label, rulings: [...label.rulings, ruling] });
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.questions.length) return nothing;
    const classes = [...new Set(this.questions.map(({ label }) => label))];
    return html`<details id="questions" open><summary>${plural(this.questions.length, "open question")}</summary>
      ${repeat(classes, (name) => name, (name) => this.renderClass(name))}</details>`;
  }

  private renderClass(name: string): TemplateResult {
    const label = this.labels.get(name);
    return html`<section class="class" data-label=${name}><h3>${icon(label, 26)}${readable(this.labels, name)}</h3>
      ${label?.guideline ? html`<p class="small soft">${label.guideline}</p>` : nothing}${rulingList(label?.rulings ?? [], readable(this.labels, name))}
      <div class="questions">${repeat(this.questions.filter((one) => one.label === name), ({ id }) => id, (one) => this.renderQuestion(one))}</div></section>`;
  }

  private renderQuestion(one: Question): TemplateResult {
    const { item } = one;
    return html`<form class="question ${item ? "" : "bare"}" data-question=${one.id} @submit=${(event: Event) => this.answer(event, one)}>
      ${item ? html`<a href=${item.context} target="_blank" title="The whole photo"><img src="${item.crop}?size=320" alt="The item that is asked about" /></a>` : nothing}
      <div class="words small"><span class="asked">${one.text}</span><span class="soft">${one.by}, ${when(one.at)}${item ? "" : " · about the class"}</span>
        ${item && item.label !== one.label ? html`<span class="row"><span class="soft">The dataset labels it</span>${named(this.labels.get(item.label), item.label, 18)}</span>` : nothing}
        ${one.planted ? html`<span class="soft">It stands there as a check. Answer as for any other: nobody is measured by it from now on.</span>` : nothing}
        ${one.mine ? html`<span class="soft">You asked this yourself: another supervisor answers.</span>` : this.renderAnswer(one)}</div></form>`;
  }

  private renderAnswer(one: Question): TemplateResult {
    const draft = this.draft(one.id);
    const name = readable(this.labels, one.label);
    const shows = (value: Draft["shows"], word: string): TemplateResult => html`<button type="button" data-shows=${value || "none"} aria-pressed=${draft.shows === value} @click=${() => this.write(one.id, { shows: value })}>${word}</button>`;
    return html`<textarea aria-label="Answer to ${one.by}" maxlength="1000" placeholder="Your answer" .value=${draft.text} @input=${(event: Event) => this.write(one.id, { text: (event.target as HTMLTextAreaElement).value })}></textarea>
      <span class="shows" role="group" aria-label="Example">${shows("", "No example")}${shows("yes", `✓ It is ${name}`)}${shows("no", `✕ It is not ${name}`)}</span>
      ${draft.shows ? this.renderExample(one, draft) : html`<label class="choice"><input type="checkbox" .checked=${draft.forAll} @change=${(event: Event) => this.write(one.id, { forAll: (event.target as HTMLInputElement).checked })} /><span>Add it to the guideline, for everybody</span></label>`}
      ${this.trouble.get(one.id) ? html`<span class="error" role="alert">${this.trouble.get(one.id)}</span>` : nothing}
      <div class="row"><button class="primary" ?disabled=${this.busy !== null}>Answer</button></div>`;
  }

  private renderExample(one: Question, draft: Draft): TemplateResult {
    const other = draft.item;
    if (this.choosing === one.id || (!one.item && !other))
      return html`<item-choice .of=${this.of} .labels=${this.labels} .label=${one.label} ?closable=${one.item !== null}
        @choose=${(event: CustomEvent<Draft["item"]>) => { this.choosing = null; this.write(one.id, { item: event.detail }); }} @leave=${() => (this.choosing = null)}></item-choice>`;
    return html`<span class="chosen">${other ? html`<img src="${other.crop}?size=128" alt="The example: ${other.key}" />` : nothing}<span class="soft">${other ? "This item" : "The item asked about"} joins the guideline, for everybody.</span></span>
      <div class="row"><button type="button" class="plain another" @click=${() => (this.choosing = one.id)}>Another item…</button>${other && one.item ? html`<button type="button" class="plain" @click=${() => this.write(one.id, { item: null })}>The one asked about</button>` : nothing}</div>`;
  }
}
