/** <desk-clusters>: what there is to settle, by class and by question, how much of it is worth deciding, and where other
 * supervisors are. Emits `choose` with a cluster, `accept-rest` to take over what the consensus says. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Label } from "./api";
import { byLabel, type Cluster, type Desk } from "./cases";
import { count, percent, plural, span } from "./numbers";
import { named, shared } from "./shared";

const ACTIONS: Record<string, string> = { remove: "not an object", redraw: "bad box", clean: "rather right", unclear: "unclear" };

/** What a cluster asks, in words. */
export function asks({ action, to }: Cluster, labels: ReadonlyMap<string, Label>): string {
  return to ? (labels.get(to)?.readable_name ?? to) : action ? (ACTIONS[action] ?? action) : "something else";
}

@customElement("desk-clusters")
export class DeskClusters extends LitElement {
  static override styles = [
    shared,
    css`
      h2 { margin: 0; padding: 0 10px; } section { margin-top: 14px; } h3 { font-size: 13px; font-weight: 600; margin: 0; padding: 0 10px 4px; display: flex; gap: 8px; align-items: center; }
      .n { margin-left: auto; color: var(--soft); font-weight: 450; } .left { padding: 6px 10px 0; }
      .cluster { display: flex; gap: 8px; align-items: center; width: 100%; padding: 5px 10px; border-color: transparent; background: transparent; font-weight: 450; text-align: left; justify-content: flex-start; white-space: normal; min-width: 0; }
      .cluster .label { min-width: 0; overflow-wrap: anywhere; }
      .cluster[aria-current="true"] { background: var(--paper); border-color: var(--line); }
      .here { color: var(--unsure); font-size: 11px; white-space: nowrap; } .here::before { content: "◆ "; }
 #accept { margin: 2px 10px 0; padding: 2px 0; text-align: left; white-space: normal; }
      @media (max-width: 1080px) { :host { display: flex; gap: 8px 14px; align-items: flex-start; } h2 { white-space: nowrap; padding: 0; } .left { padding: 2px 0 0; max-width: 220px; } section { margin: 0; flex: none; } .all { display: flex; gap: 14px; overflow-x: auto; min-width: 0; } .cluster { padding: 3px 8px; width: auto; } #accept { margin: 2px 0 0; } }
      @media (max-width: 700px) { :host { display: block; } .all { margin-top: 8px; } .left { max-width: none; } }
    `,
  ];

  @property({ attribute: false }) desk!: Desk;
  @property({ attribute: false }) labels: ReadonlyMap<string, Label> = new Map();
  @property({ attribute: false }) current: Cluster | null = null;
  @property({ type: Boolean }) busy = false;

  override render(): TemplateResult {
    const { desk } = this;
    return html`<div><h2 id="to-settle">${count(desk.cases)} to settle</h2>${this.renderRemaining(desk)}
      ${desk.acceptable.cases > 1 ? html`<button class="plain small" id="accept" ?disabled=${this.busy} @click=${() => this.dispatchEvent(new CustomEvent("accept-rest"))}>Accept the consensus on ${desk.acceptable.cases === desk.cases ? "all" : "the rest"}…</button>` : nothing}</div>
      <div class="all">${byLabel(desk.clusters).map(([label, clusters]) => html`<section aria-label=${this.labels.get(label)?.readable_name ?? label}>
        <h3>${named(this.labels.get(label), label, 22)}<span class="n">${clusters.reduce((sum, { cases }) => sum + cases.length, 0)}</span></h3>
        ${clusters.map((cluster) => this.renderCluster(cluster))}</section>`)}</div>`;
  }

  private renderRemaining({ remaining }: Desk): TemplateResult {
    return html`<p class="left small soft" id="remaining">${plural(remaining.decisions, "decision")}, about ${span(remaining.seconds)}, ${remaining.decisions === 1 ? "takes" : "take"} away ${percent(remaining.share)} of the risk.</p>`;
  }

  private renderCluster(cluster: Cluster): TemplateResult {
    const on = cluster === this.current;
    const here = this.desk.others.filter(({ verdicts }) => verdicts.some((id) => cluster.cases.includes(id))).map(({ username }) => username);
    const to = cluster.to ? named(this.labels.get(cluster.to), cluster.to, 18) : html`<span>${asks(cluster, this.labels)}</span>`;
    return html`<button class="cluster small" aria-current=${on} data-to=${cluster.to ?? cluster.action ?? ""} @click=${() => this.dispatchEvent(new CustomEvent("choose", { detail: cluster }))}>
      <span class="soft" aria-hidden="true">${cluster.action === "clean" ? "✓" : "→"}</span>${to}${here.length ? html`<span class="here" title="${here.join(", ")} has these before them">${here.join(", ")}</span>` : nothing}<span class="n">${cluster.cases.length}</span></button>`;
  }
}
