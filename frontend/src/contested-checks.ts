/** <contested-checks campaign dataset>: planted checks that a reviewer holds to be wrong, for a supervisor to answer. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { all, call } from "./api";
import { readable } from "./grid-parts";
import { plural } from "./numbers";
import { OfCampaign } from "./of-campaign";
import { named, shared } from "./shared";

interface Contest {
  id: number;
  key: string;
  shown: string;
  label: string;
  reviewer: string;
  mine: boolean;
  comment: string;
  crop: string;
}

@customElement("contested-checks")
export class ContestedChecks extends OfCampaign {
  static override styles = [
    shared,
    css`
      :host { display: block; }
      details { margin: 12px 24px 0; border: 1px solid var(--line); border-radius: 10px; background: var(--paper); }
      summary { padding: 10px 14px; cursor: pointer; font-weight: 600; }
      .contests { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 12px; padding: 0 14px 14px; }
      .contest { display: flex; gap: 12px; align-items: start; min-width: 0; } .contest img { width: 96px; height: 96px; object-fit: contain; border-radius: 8px; background: var(--line); flex: none; }
      .what { display: grid; gap: 6px; min-width: 0; } .acts { display: flex; gap: 6px; flex-wrap: wrap; } .acts button { white-space: normal; text-align: left; }
      @media (max-width: 700px) { details { margin: 8px 8px 0; } }
    `,
  ];

  @state() private contests: Contest[] = [];
  @state() private trouble = "";

  protected override async look(): Promise<void> {
    await all<Contest>(`/api/campaigns/${this.campaign}/contests/`, 200).then(({ results }) => (this.contests = results), () => undefined);
  }

  private async answer(contest: Contest, upheld: boolean): Promise<void> {
    try {
      await call("POST", `/api/contests/${contest.id}/`, { upheld });
      this.contests = this.contests.filter(({ id }) => id !== contest.id);
      this.trouble = "";
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.contests.length) return nothing;
    return html`<details id="contests" open><summary>${plural(this.contests.length, "contested check")}</summary>
      ${this.trouble ? html`<p class="notice bad small" role="alert">${this.trouble}</p>` : nothing}
      <div class="contests small">${this.contests.map((contest) => this.renderContest(contest))}</div></details>`;
  }

  private renderContest(one: Contest): TemplateResult {
    const shown = readable(this.labels, one.shown);
    return html`<div class="contest" data-contest=${one.id}><img src="${one.crop}?size=320" alt="Shown as ${shown}, held to be ${readable(this.labels, one.label)}" />
      <div class="what"><span>${one.reviewer} left it alone among ${named(this.labels.get(one.shown), one.shown, 18)}. It is held to be ${named(this.labels.get(one.label), one.label, 18)}.</span>
        ${one.comment ? html`<span class="soft">“${one.comment}”</span>` : nothing}
        ${one.mine ? html`<span class="soft">You contested it yourself: another supervisor answers.</span>` : html`<div class="acts">
          <button class="uphold" @click=${() => this.answer(one, true)}>The reviewer is right: count it for nobody</button>
          <button class="reject" @click=${() => this.answer(one, false)}>It is no ${shown}: the check stands</button></div>`}</div></div>`;
  }
}
