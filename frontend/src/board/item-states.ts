/** <item-states>: where the items stand, and how far each round is. */
import { html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { count, percent } from "../numbers";
import { shared } from "../shared";
import { Part, part } from "./progress";

@customElement("item-states")
export class ItemStates extends Part {
  static override styles = [shared, part];

  override render(): TemplateResult {
    const p = this.progress;
    const rows: [string, number][] = [["still open", p.states.open], ["clean", p.states.clean], ["fixed", p.states.fix], ["disputed", p.states.disputed], ["unclear", p.states.unclear]];
    return html`${this.head("Where the items stand", "rounds")}<table class="small"><tbody>${rows.map(([name, n]) => html`<tr><td>${name}</td><td class="num">${count(n)}</td></tr>`)}
      <tr><td>batches with room <span class="soft">of ${count(p.batches.all)}</span></td><td class="num">${count(p.batches.open)}</td></tr>
      ${p.second_opinions.given ? html`<tr><td>second opinions that agree <span class="soft">of ${count(p.second_opinions.given)}</span></td><td class="num">${count(p.second_opinions.agreed)}</td></tr>` : nothing}</tbody></table>
      ${p.by_round.length > 1 ? this.renderRounds() : nothing}`;
  }

  private renderRounds(): TemplateResult {
    return html`<table class="small" id="rounds"><thead><tr><th>Round</th><th class="num">Items</th><th class="num">Settled</th><th class="num">Open</th></tr></thead><tbody>
      ${this.progress.by_round.map(({ round, items, settled, open }) => html`<tr><td>${round === 1 ? "1, as planned" : `${round}, asked again`}</td><td class="num">${count(items)}</td><td class="num">${percent(items ? settled / items : null)}</td><td class="num">${count(open)}</td></tr>`)}</tbody></table>`;
  }
}
