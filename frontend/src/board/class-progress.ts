/** <class-progress>: how far and how wrong each class is. */
import { css, html, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { count, percent } from "../numbers";
import { meter, named as withIcon, shared } from "../shared";
import { named, Part, part } from "./progress";
import { whisker } from "./whisker";

const SHOWN = 24;

@customElement("class-progress")
export class ClassProgress extends Part {
  static override styles = [
    shared,
    part,
    css`
      .settled { width: 26%; min-width: 90px; } .settled span.both { display: grid; grid-template-columns: 1fr 44px; gap: 8px; align-items: center; }
      .whisker { display: block; width: 100%; min-width: 90px; height: 18px; overflow: visible; } .rate { width: 30%; }
      @media (min-width: 701px) { .narrow { display: none; } }
      @media (max-width: 700px) { .settled .meter, .items { display: none; } .settled { width: auto; min-width: 0; text-align: right; } .settled span.both { display: block; }
        thead { display: none; } tr { display: grid; grid-template-columns: minmax(0, 1fr) 60px 70px; align-items: center; border-top: 1px solid var(--line); padding: 6px 0; } td { border: 0 !important; padding: 2px 0; } .rate { grid-column: 1 / -1; order: 4; width: auto; } }
    `,
  ];

  @state() private all = false;

  override render(): TemplateResult {
    const { by_label: labels } = this.progress;
    if (!labels.length) return html`${this.head("By class")}<p class="soft small">No class is under review yet.</p>`;
    const most = Math.max(0.001, ...labels.flatMap(({ before, now, interval }) => [before ?? 0, now ?? 0, interval?.[1] ?? 0]));
    const shown = this.all ? labels : labels.slice(0, SHOWN);
    return html`${this.head("By class", "labels")}<p class="narrow small soft">Settled, wrong labels now; ○ before, ● now, with the 95 % interval.</p>
      <div class="wide" tabindex="0"><table><thead><tr><th>Class</th><th class="num items">Items</th><th>Settled</th><th>Wrong: ○ before, ● now, 95 %</th><th class="num">now</th></tr></thead><tbody>
      ${shown.map((row) => html`<tr data-label=${row.label}><td>${withIcon(named(row), row.label)}</td><td class="num items">${count(row.items)}</td>
        <td class="settled"><span class="both">${meter(row.settled, "settled")}<span class="num">${percent(row.settled)}</span></span></td>
        <td class="rate">${whisker(row, most)}</td><td class="num ${row.now === null ? "unknown small" : ""}">${percent(row.now)}</td></tr>`)}
      </tbody></table></div>
      ${labels.length > shown.length ? html`<p><button class="plain" @click=${() => (this.all = true)}>Show all ${count(labels.length)} classes</button></p>` : ""}`;
  }
}
