/** <suspected-pairs campaign>: reviewers who agree beyond what their quality explains; a lead says whether they are one. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { all, call } from "./api";
import { count } from "./numbers";
import { shared } from "./shared";

interface Pair {
  id: number;
  reviewers: [string, string];
  state: "suspected" | "one" | "two";
  common: number;
  both: number;
  expected: number;
  decided_by: string | null;
}
const STATES: Record<Pair["state"], string> = { suspected: "counted as one until you decide", one: "counted as one", two: "counted as two" };

@customElement("suspected-pairs")
export class SuspectedPairs extends LitElement {
  static override styles = [shared, css`section { margin-top: 14px; } td.num { white-space: normal; }`];

  @property({ type: Number }) campaign = 0;
  /** Only leads decide. */
  @property({ type: Boolean }) lead = false;
  /** Looks again when the campaign's numbers do. */
  @property({ type: Number }) version = 0;
  @state() private pairs: Pair[] = [];
  @state() private trouble = "";

  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("version")) void all<Pair>(`/api/campaigns/${this.campaign}/pairs/`, 200).then(({ results }) => (this.pairs = results), () => undefined);
  }

  private async decide(pair: Pair, to: "one" | "two"): Promise<void> {
    try {
      const decided = await call<Pair>("POST", `/api/pairs/${pair.id}/`, { state: to });
      this.pairs = this.pairs.map((one) => (one.id === pair.id ? decided : one));
      this.trouble = "";
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.pairs.length) return nothing;
    return html`<section class="card" id="pairs"><h2>One person with two accounts? <span class="soft small">· they flag the same beyond what two people as good would</span></h2>
      ${this.trouble ? html`<p class="notice bad small" role="alert">${this.trouble}</p>` : nothing}
      <table class="small"><tbody>${this.pairs.map((pair) => html`<tr data-pair=${pair.id}><td>${pair.reviewers.join(" and ")}</td>
        <td>both flagged ${count(pair.both)} of ${count(pair.common)} that both saw; ${pair.expected.toFixed(1)} were to be expected</td>
        <td class="soft">${STATES[pair.state]}${pair.decided_by ? `, says ${pair.decided_by}` : ""}</td>
        <td class="num">${this.lead ? html`<button ?disabled=${pair.state === "one"} @click=${() => this.decide(pair, "one")}>One person</button> <button ?disabled=${pair.state === "two"} @click=${() => this.decide(pair, "two")}>Two people</button>` : nothing}</td></tr>`)}</tbody></table></section>`;
  }
}
