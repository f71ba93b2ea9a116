/** <reviewer-table>: how much each person did, and how good they are by what is known. */
import { html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { count, percent, range, UNKNOWN } from "../numbers";
import { shared } from "../shared";
import { Part, part, type Reviewer } from "./progress";

@customElement("reviewer-table")
export class ReviewerTable extends Part {
  static override styles = [shared, part];

  override render(): TemplateResult {
    const { reviewers } = this.progress;
    const title = html`Reviewers <span class="soft small">· finds: wrong labels that they flag · spares: right labels that they leave</span>`;
    if (!reviewers.length) return html`${this.head(title)}<p class="soft small">Nobody has handed in yet.</p>`;
    return html`${this.head(title, "reviewers")}<div class="wide" tabindex="0"><table class="small"><thead><tr><th>Who</th><th class="num">Looks</th><th class="num">Flags</th><th class="num">Finds</th><th class="num">Spares</th><th class="num">Planted found</th></tr></thead><tbody>
      ${reviewers.map((r) => html`<tr><td><a href="/campaigns/${this.campaign}/reviewers/${encodeURIComponent(r.username)}/" title="Their batches, and where others see it otherwise">${r.username}</a>${r.paused ? html` <span class="unsure small" title=${r.paused_why}>paused</span>` : nothing}</td><td class="num">${count(r.looks)}</td><td class="num">${count(r.flags)}</td><td class="num">${percent(r.sensitivity)}</td><td class="num">${percent(r.specificity)}</td><td class="num">${planted(r)} ${r.honeypots.seen ? html`<span class="soft">${range(r.honeypots.interval)}</span>` : nothing}</td></tr>`)}</tbody></table></div>
      ${this.progress.looks.counted && !this.progress.looks.planted ? html`<p class="soft small" id="none-planted">No error has been planted yet. Where the rules plant some, one comes only where enough other people are left to look at the item itself: with more people, or fewer looks an item.</p>` : nothing}`;
  }
}

/** Planted errors found; of those that the dataset had itself, where there were any. */
export const planted = ({ honeypots: { seen, found: n, hard_seen, hard_found } }: Reviewer): string =>
  !seen ? UNKNOWN : hard_seen ? `${n} of ${seen}, real ones ${hard_found} of ${hard_seen}` : `${n} of ${seen}`;
