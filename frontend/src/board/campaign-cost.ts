/** <campaign-cost>: looks, hours and money, beside other ways to the same end. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { count, hours, money, plural, seconds, UNKNOWN } from "../numbers";
import { shared } from "../shared";
import { Part, part, type Plan } from "./progress";

const SAYS: Record<Plan["name"], string> = { so_far: "So far", to_the_end: "To the end, as reckoned now", three_looks: "Three looks at each item", one_by_one: "One item at a time, once" };

@customElement("campaign-cost")
export class CampaignCost extends Part {
  static override styles = [shared, part, css`tr.mine td, tr.mine th { font-weight: 600; } th[scope="row"] { color: inherit; white-space: normal; font-size: inherit; }`];

  override render(): TemplateResult | typeof nothing {
    const { cost } = this.progress;
    if (!cost) return nothing;
    if (!cost.looks) return html`${this.head("What it costs")}<p class="soft small">Known once the first batch is handed in.</p>`;
    const priced = cost.price !== null;
    return html`${this.head("What it costs", "cost")}<div class="wide" tabindex="0"><table class="small" id="costs"><thead><tr><th>Way</th><th class="num">Looks</th><th class="num">Time</th>${priced ? html`<th class="num">${cost.currency || "Money"}</th>` : nothing}</tr></thead><tbody>
      ${cost.plans.map((plan) => html`<tr data-plan=${plan.name} class=${plan.name === "to_the_end" ? "mine" : ""}><th scope="row">${SAYS[plan.name]}</th><td class="num">${count(plan.looks)}</td><td class="num ${plan.seconds === null ? "unknown" : ""}">${plan.seconds === null ? UNKNOWN : hours(plan.seconds)}</td>${priced ? html`<td class="num ${plan.money === null ? "unknown" : ""}">${money(plan.money)}</td>` : nothing}</tr>`)}</tbody></table></div>
      <p class="soft small">${cost.seconds_per_look === null ? nothing : html`${seconds(cost.seconds_per_look)} a look${cost.seconds_per_item === null ? nothing : html`, ${seconds(cost.seconds_per_item)} an item`}, of ${plural(cost.batches, "batch", "batches")}. `}Time is what lies between signs of somebody at it (marks saved, the batch kept, the hand-in), of each gap two minutes at most.
      ${priced ? nothing : " A price, under Rules, shows money too."}${cost.plans.some(({ name, seconds: s }) => name === "one_by_one" && s === null) ? " How long one item takes alone is yours to say, there too." : nothing}</p>`;
  }
}
