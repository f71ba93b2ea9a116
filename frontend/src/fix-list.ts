/** <fix-list campaign dataset>: accepted fixes, the evidence of each, and taking one back. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { all, call } from "./api";
import { percent, plural, when } from "./numbers";
import { OfCampaign } from "./of-campaign";
import { named, shared } from "./shared";

interface Evidence {
  reviewer: string;
  reason: string;
  suggested: string | null;
  comment: string;
}
interface Fix {
  id: number;
  item: number;
  key: string;
  kind: "relabel" | "remove" | "redraw";
  state: "applied" | "conflict" | "reverted";
  old_label: string | null;
  new_label: string | null;
  probability: number | null;
  looks: number;
  flags: number;
  evidence?: Evidence[];
  ranking: { suspicion: number | null; label: string | null };
  resolution: number | null;
  by: string;
  at: string;
  crop: string;
}
const STATES = { applied: "in the dataset", conflict: "conflict: the dataset had changed", reverted: "taken back" };

@customElement("fix-list")
export class FixList extends OfCampaign {
  static override styles = [
    shared,
    css`
      .fix { display: grid; grid-template-columns: 64px minmax(0, 1.5fr) minmax(0, 1.2fr) 96px; gap: 6px 16px; align-items: center; padding: 10px 0; border-top: 1px solid var(--line); }
      .fix:first-child { border-top: 0; }
      .fix > img { width: 64px; height: 64px; border-radius: 6px; object-fit: cover; background: var(--line); }
      .act { text-align: right; }
      .fix.reverted > img, .fix.reverted .what { opacity: .5; }
      .what { display: flex; gap: 6px 10px; align-items: center; flex-wrap: wrap; } .key { overflow-wrap: anywhere; }
      details summary { cursor: pointer; }
      @media (max-width: 700px) { .fix { grid-template-columns: 56px minmax(0, 1fr); align-items: start; } .fix > img { width: 56px; height: 56px; } .fix .why, .fix > .act { grid-column: 2; text-align: left; } .fix > .act button { padding: 4px 10px; } }
    `,
  ];

  @state() private fixes: Fix[] | null = null;
  @state() private more = false;
  @state() private trouble = "";

  protected override async look(): Promise<void> {
    try {
      const { results, more } = await all<Fix>(`/api/campaigns/${this.campaign}/fixes/`, 1000);
      this.fixes = results;
      this.more = more;
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  private async revert(fix: Fix): Promise<void> {
    this.trouble = "";
    try {
      const done = await call<Fix>("POST", `/api/fixes/${fix.id}/revert/`, {});
      this.fixes = (this.fixes ?? []).map((one) => (one.id === done.id ? done : one));
    } catch (error) {
      this.trouble = `Not taken back: ${(error as Error).message}`;
    }
  }

  override render(): TemplateResult {
    if (!this.fixes) return html`<p class="soft">${this.trouble || "Fetching the fixes…"}</p>`;
    if (!this.fixes.length) return html`<div class="empty" id="nothing"><h2>No fix yet</h2><p>Fixes come from what reviewers agree on and from what you settle at the desk. Each one can be taken back here.</p></div>`;
    const applied = this.fixes.filter(({ state }) => state === "applied").length;
    return html`${this.trouble ? html`<p class="notice bad small" role="alert">${this.trouble}</p>` : nothing}
      <p class="soft small" id="fix-count">${plural(applied, "fix", "fixes")} in the dataset${this.more ? ", the newest 1,000 shown" : ""}</p>
      <div class="card">${this.fixes.map((fix) => this.renderFix(fix))}</div>`;
  }

  private renderFix(fix: Fix): TemplateResult {
    return html`<div class="fix ${fix.state}" data-fix=${fix.id}>
      <img src="${fix.crop}?size=128" alt="" loading="lazy" />
      <div><div class="what">${this.what(fix)}</div><div class="small soft key"><a href="/items/${fix.item}/" title="All that happened to it">${fix.key}</a></div></div>
      <div class="small why"><div>${plural(fix.flags, "flag")} in ${plural(fix.looks, "look")} · wrong: ${percent(fix.probability)} when fixed</div>
        <div class="soft">${STATES[fix.state]} · ${fix.by} · ${when(fix.at)}</div>
        ${fix.evidence?.length ? html`<details><summary class="soft">evidence</summary>${this.renderRanking(fix.ranking)}${fix.evidence.map((look) => html`<div>${look.reviewer}: ${look.reason ? look.reason.replace(/_/g, " ") : "left as is"}${look.suggested ? ` → ${this.readable(look.suggested)}` : ""}${look.comment ? ` “${look.comment}”` : ""}</div>`)}</details>` : nothing}</div>
      <div class="act">${fix.state === "applied" ? html`<button class="revert" @click=${() => this.revert(fix)}>Take back</button>` : nothing}</div></div>`;
  }

  /** It weighs as much as people do, so that it may outvote them. */
  private renderRanking({ suspicion, label }: Fix["ranking"]): TemplateResult | typeof nothing {
    if (suspicion === null) return nothing;
    return html`<div class="ranking">the ranking, before anybody looked: ${percent(suspicion)} wrong${label ? ` → ${this.readable(label)}` : ""}</div>`;
  }

  private readable(name: string): string {
    return this.labels.get(name)?.readable_name ?? name;
  }

  private what(fix: Fix): TemplateResult {
    const from = named(this.labels.get(fix.old_label ?? ""), fix.old_label, 22);
    const unnamed = fix.resolution === null && !fix.evidence?.some(({ suggested }) => suggested === fix.new_label);
    if (fix.kind === "relabel") return html`${from} <span class="soft">→</span> ${named(this.labels.get(fix.new_label ?? ""), fix.new_label, 22)}${unnamed ? html` <span class="small soft unnamed">named by the ranking alone</span>` : nothing}`;
    return html`${from} <span class="soft">→</span> <span>${fix.kind === "remove" ? "removed" : "box redrawn"}</span>`;
  }
}
