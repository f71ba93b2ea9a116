/** <found-chart>: errors found for looks spent, beside what as many items hold in any order; the same as a table. */
import { css, html, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import "../line-chart";
import { count, when } from "../numbers";
import { shared } from "../shared";
import { Part, part, type Found } from "./progress";

const LINES = 12;

@customElement("found-chart")
export class FoundChart extends Part {
  static override styles = [shared, part, css`details { margin-top: 6px; } caption { text-align: left; }`];

  override render(): TemplateResult {
    const { found } = this.progress;
    const last = found.at(-1);
    if (!last) return html`${this.head("Errors found for looks spent")}<p class="soft small">Known once the first batch is handed in.</p>`;
    const from0 = [{ looks: 0, fixes: 0, any_order: 0 }, ...found];
    const lines = [
      { name: "errors found", values: from0.map(({ fixes }) => fixes) },
      { name: "in as many items of any order", values: from0.map(({ any_order }) => any_order), soft: true },
    ];
    const said = `${count(last.fixes)} errors found with ${count(last.looks)} looks${last.any_order === null ? "" : `; as many items of any order would hold ${count(Math.round(last.any_order))}`}`;
    return html`${this.head("Errors found for looks spent", "looks")}<line-chart .x=${from0.map(({ looks }) => looks)} .lines=${lines} unit="looks" label=${said}></line-chart>
      <details><summary>The numbers</summary>${table(found)}</details>`;
  }
}

/** Some of them, evenly, the last among them. */
function table(found: readonly Found[]): TemplateResult {
  const step = Math.ceil(found.length / LINES);
  const shown = found.filter((_, n) => (found.length - 1 - n) % step === 0);
  return html`<table class="small"><thead><tr><th>Until</th><th class="num">Looks</th><th class="num">Errors found</th><th class="num">Any order</th></tr></thead><tbody>
    ${shown.map((row) => html`<tr><td>${when(row.at)}</td><td class="num">${count(row.looks)}</td><td class="num">${count(row.fixes)}</td><td class="num">${row.any_order === null ? "unknown" : count(Math.round(row.any_order))}</td></tr>`)}</tbody></table>`;
}
