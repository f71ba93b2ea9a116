/** <label-table dataset>: the classes with their icons; a filter where there are many. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { labelsOf, type Label } from "./api";
import { count } from "./numbers";
import { fitting } from "./label-picker";
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
      @media (max-width: 640px) { .guide, .typical { display: none; } }
      .typical span { display: flex; gap: 3px; } .typical img { width: 28px; height: 28px; border-radius: 4px; object-fit: cover; }
    `,
  ];

  @property({ type: Number, attribute: "dataset" }) of = 0;
  @state() private labels: Map<string, Label> | null = null;
  @state() private typed = "";
  @state() private whole = false;
  @state() private trouble = "";

  override connectedCallback(): void {
    super.connectedCallback();
    labelsOf(this.of).then((labels) => (this.labels = labels), (error: Error) => (this.trouble = error.message));
  }

  override render(): TemplateResult {
    const { labels } = this;
    if (!labels) return html`<p class="soft">${this.trouble || "Fetching the classes…"}</p>`;
    if (!labels.size) return html`<p class="soft small">No class is known yet. They come with the import.</p>`;
    const found = this.typed ? fitting(labels.values(), this.typed) : [...labels.values()].sort((a, b) => b.items - a.items);
    const shown = this.whole ? found : found.slice(0, SHOWN);
    const guided = found.some(({ guideline }) => guideline);
    return html`${labels.size > MANY ? html`<input type="search" placeholder="Find a class" aria-label="Find a class" @input=${(event: Event) => (this.typed = (event.target as HTMLInputElement).value)} />` : nothing}
      <div class="scroll"><table><thead><tr><th>Class</th><th class="typical">Typical</th><th>Easily taken for it</th>${guided ? html`<th class="guide">Guideline</th>` : nothing}<th class="num">Items</th></tr></thead><tbody>
      ${shown.map((label) => html`<tr data-label=${label.name}><td>${named(label, label.name, 24)}</td><td class="typical"><span>${label.exemplars.slice(0, 4).map((url) => html`<img src=${url} alt="" loading="lazy" />`)}</span></td>
        <td><span class="alike">${label.look_alikes.slice(0, 4).map((name) => html`<span title=${labels.get(name)?.readable_name ?? name}>${icon(labels.get(name), 22)}</span>`)}</span></td>
        ${guided ? html`<td class="guide small soft">${label.guideline}</td>` : nothing}<td class="num">${count(label.items)}</td></tr>`)}</tbody></table></div>
      ${found.length > shown.length ? html`<p><button class="plain" @click=${() => (this.whole = true)}>Show all ${count(found.length)}</button></p>` : nothing}`;
  }
}
