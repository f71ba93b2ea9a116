/** <label-table dataset>: the classes with their icons; a filter where there are many. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { call, forgetLabels, labelsOf, type Label } from "./api";
import "./guideline-editor";
import type { GuidelineEditor } from "./guideline-editor";
import { count, plural } from "./numbers";
import { fitting } from "./label-picker";
import "./labels-upload";
import { icon, named, shared } from "./shared";

const MANY = 12;
const SHOWN = 60;

@customElement("label-table")
export class LabelTable extends LitElement {
  static override styles = [
    shared,
    css`
      .scroll { overflow-x: auto; } .alike { display: flex; gap: 3px; }
      input { margin-bottom: 8px; } .guide { max-width: 40ch; }
      td p { margin: 2px 0 0; max-width: 46ch; white-space: normal; }
      .guide p { white-space: pre-line; overflow-wrap: anywhere; margin: 0; display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; overflow: hidden; }
      @media (min-width: 641px) { .short { display: none; } } @media (max-width: 640px) { .guide, .typical { display: none; } }
      .typical span { display: flex; gap: 3px; } .typical img { width: 28px; height: 28px; border-radius: 4px; object-fit: cover; }
    `,
  ];

  @property({ type: Number, attribute: "dataset" }) of = 0;
  @property({ type: Boolean }) lead = false;
  @state() private labels: Map<string, Label> | null = null;
  @state() private typed = "";
  @state() private whole = false;
  @state() private trouble = "";
  @query("guideline-editor") private editor!: GuidelineEditor;

  override connectedCallback(): void {
    super.connectedCallback();
    this.look();
  }

  private look(): void {
    labelsOf(this.of).then((labels) => (this.labels = labels), (error: Error) => (this.trouble = error.message));
  }

  private described = (): void => {
    forgetLabels(this.of);
    this.look();
  };

  private async say(label: Label, rest: boolean): Promise<void> {
    try {
      const said = await call<Label>("PATCH", `/api/labels/${label.id}/`, { rest });
      this.labels = new Map(this.labels).set(said.name, said);
      this.trouble = "";
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  /** A class without a look of its own: proposed, to be confirmed by a lead; or known, to be taken back. */
  private restOf(label: Label): TemplateResult | typeof nothing {
    if (label.rest) return html`<p class="small soft">A rest class: asked by what its items may be.${this.lead ? html` <button class="plain small" @click=${() => this.say(label, false)}>It is a class of its own</button>` : nothing}</p>`;
    if (!label.rest_proposed || !this.lead) return nothing;
    return html`<p class="small proposed">Its items are taken for many other classes. Is it a rest class, such as “other”? <button class="small" data-rest="yes" @click=${() => this.say(label, true)}>Yes</button> <button class="small" data-rest="no" @click=${() => this.say(label, false)}>No</button></p>`;
  }

  private guideOf(label: Label): TemplateResult | typeof nothing {
    const { rulings, guideline } = label;
    return html`${guideline ? html`<p>${guideline}</p>` : nothing}${rulings.length ? html`<p>${plural(rulings.length, "ruling")}</p>` : nothing}${this.edit(label)}`;
  }

  private edit(label: Label): TemplateResult | typeof nothing {
    const words = label.guideline_version ? "Change" : "Write one";
    return this.lead ? html`<button class="plain small edit" aria-label="${words}: guideline for ${label.readable_name}" @click=${() => this.editor.open(label)}>${words}</button>` : nothing;
  }

  override render(): TemplateResult {
    const { labels } = this;
    if (!labels) return html`<p class="soft">${this.trouble || "Fetching the classes…"}</p>`;
    if (!labels.size) return html`<p class="soft small">No class is known yet. They come with the import.</p>`;
    const found = this.typed ? fitting(labels.values(), this.typed) : [...labels.values()].sort((a, b) => b.items - a.items);
    const shown = this.whole ? found : found.slice(0, SHOWN);
    const guided = this.lead || found.some(({ guideline_version }) => guideline_version);
    return html`${this.lead ? html`<labels-upload dataset=${this.of} @described=${this.described}></labels-upload>` : nothing}${this.trouble ? html`<p class="error small" role="alert">${this.trouble}</p>` : nothing}${labels.size > MANY ? html`<input type="search" placeholder="Find a class" aria-label="Find a class" @input=${(event: Event) => (this.typed = (event.target as HTMLInputElement).value)} />` : nothing}
      <div class="scroll" tabindex="0"><table><thead><tr><th>Class</th><th class="typical">Typical</th><th>Easily taken for it</th>${guided ? html`<th class="guide">Guideline</th>` : nothing}<th class="num">Items</th></tr></thead><tbody>
      ${shown.map((label) => html`<tr data-label=${label.name}><td>${named(label, label.name, 24)}${this.restOf(label)}${this.lead ? html`<div class="short">${this.edit(label)}</div>` : nothing}</td><td class="typical"><span>${label.exemplars.slice(0, 4).map((url) => html`<img src=${url} alt="" loading="lazy" />`)}</span></td>
        <td><span class="alike">${label.look_alikes.slice(0, 4).map((name) => html`<span title=${labels.get(name)?.readable_name ?? name}>${icon(labels.get(name), 22)}</span>`)}</span></td>
        ${guided ? html`<td class="guide small soft">${this.guideOf(label)}</td>` : nothing}<td class="num">${count(label.items)}</td></tr>`)}</tbody></table></div>
      ${found.length > shown.length ? html`<p><button class="plain" @click=${() => (this.whole = true)}>Show all ${count(found.length)}</button></p>` : nothing}
      <guideline-editor @written=${(event: CustomEvent<Label>) => (this.labels = new Map(labels).set(event.detail.name, event.detail))}></guideline-editor>`;
  }
}
