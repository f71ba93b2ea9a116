/** <class-confusion>: which classes are taken for which, the commonest first, and as a matrix of what was mended. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { count } from "../numbers";
import { icon, named, shared } from "../shared";
import { matrixOf, type Matrix } from "./matrix";
import { Part, part } from "./progress";

const COMMONEST = 8;
const MOST = 14;

@customElement("class-confusion")
export class ClassConfusion extends Part {
  static override styles = [
    shared,
    part,
    css`
      .pair { display: flex; gap: 4px 8px; align-items: center; flex-wrap: wrap; } details { margin-top: 10px; }
      .matrix { width: auto; } .matrix td, .matrix th { padding: 5px 8px; text-align: center; } .matrix th { border-top: 1px solid var(--line); white-space: normal; } .matrix thead th { vertical-align: bottom; max-width: 84px; overflow-wrap: break-word; line-height: 1.2; } .matrix th[scope="row"] { text-align: left; color: var(--ink); }
      .matrix thead .icon { display: block; margin: 0 auto 3px; } .matrix .label { font-size: 12px; } .none { color: var(--line); } .some { font-weight: 600; }
      @media print { details > summary { display: none; } .matrix { font-size: 10px; } .matrix td, .matrix th { padding: 3px 4px; } }
    `,
  ];

  override render(): TemplateResult {
    const { confusion } = this.progress;
    if (!confusion.length) return html`${this.head("What is taken for what")}<p class="soft small">No fix yet. Pairs of classes appear here as fixes are accepted.</p>`;
    const { labels } = this;
    const pair = (from: string, to: string | null) =>
      to === null ? html`${named(labels.get(from), from, 18)} <span class="soft">was no object</span>` : html`${named(labels.get(to), to, 18)} <span class="soft">was labelled</span> ${named(labels.get(from), from, 18)}`;
    return html`${this.head("What is taken for what", "confusion")}<table class="small" id="confusion"><tbody>
      ${confusion.slice(0, COMMONEST).map(({ from, to, count: n }) => html`<tr><td><span class="pair">${pair(from, to)}</span></td><td class="num">${count(n)}</td></tr>`)}</tbody></table>
      <details><summary>As a table, from → to</summary>${this.renderMatrix(matrixOf(confusion, MOST))}</details>`;
  }

  private renderMatrix({ from, to, cells, rest }: Matrix): TemplateResult {
    const { labels } = this;
    const said = (name: string | null) => (name === null ? "no object" : (labels.get(name)?.readable_name ?? name));
    return html`<div class="wide" tabindex="0"><table class="matrix small" id="matrix"><caption class="aside-only">Fixes: rows are what the label was, columns what it is now.</caption>
      <thead><tr><th scope="col">was ↓ &nbsp; is →</th>${to.map((name) => html`<th scope="col">${name === null ? nothing : icon(labels.get(name), 18)}${said(name)}</th>`)}</tr></thead><tbody>
      ${from.map((name, row) => html`<tr><th scope="row">${named(labels.get(name), name, 18)}</th>${to.map((_, column) => {
        const n = cells[row]?.[column] ?? 0;
        return html`<td class=${n ? "some" : "none"}>${n ? count(n) : "·"}</td>`;
      })}</tr>`)}</tbody></table></div>
      ${rest ? html`<p class="soft small">${count(rest)} more between other classes are in the CSV file.</p>` : nothing}`;
  }
}
