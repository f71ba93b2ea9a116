/** <item-history item dataset>: an item as it is, what each campaign makes of it, and all that happened to it. A
 * decision is reopened, more looks are asked for and a fix is taken back here. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { call, get } from "./api";
import { Doing } from "./doing";
import { percent, plural, when } from "./numbers";
import { OfDataset } from "./of-dataset";
import { named, shared } from "./shared";

interface Verdict {
  id: number;
  campaign: number;
  name: string;
  label: string;
  state: "open" | "clean" | "fix" | "disputed" | "unclear";
  probability: number | null;
  suggested: string | null;
  looks: number;
  flags: number;
  resolution: number | null;
  fix: number | null;
}
interface ItemEvent {
  what: "look" | "check" | "decision" | "accepted" | "revision" | "question" | "answer";
  at: string;
  by: string | null;
  campaign: string | null;
  label: string | null;
  old: unknown;
  new: unknown;
  reason: string | null;
  note: string;
  stands: boolean | null;
}
interface History {
  item: { id: number; key: string; label: string; predicted: string | null; suspicion: number | null; state: string | null; attributes: Record<string, unknown>; suggestions: { label: string; probability: number }[] };
  crop: string;
  context: string;
  verdicts: Verdict[];
  events: ItemEvent[];
}

const STATES: Record<Verdict["state"], string> = { open: "still looked at", clean: "right", fix: "fixed", disputed: "in dispute", unclear: "nobody can tell" };
const DECISIONS: Record<string, string> = { clean: "decided: leave it as it is", relabel: "decided: it is", remove: "decided: remove it", redraw: "decided: redraw the box", unclear: "decided: nobody can tell" };
const REASONS: Record<string, string> = { "": "looked and left it", wrong_label: "flagged it: wrong label", not_an_object: "flagged it: not an object", bad_box: "flagged it: bad box", cant_tell: "could not tell", no_label: "flagged it: no label fits", other: "flagged it" };

@customElement("item-history")
export class ItemHistory extends OfDataset {
  static override styles = [
    shared,
    css`
      .top { display: grid; grid-template-columns: minmax(0, 240px) minmax(0, 1fr); gap: 24px; align-items: start; } .crop { width: 100%; max-height: 240px; object-fit: contain; border-radius: 8px; background: var(--line); }
      h1 { overflow-wrap: anywhere; font-size: 18px; } dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 4px 14px; margin: 12px 0 0; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
      .more { margin-top: 12px; } .whole { max-width: 100%; max-height: 60vh; border-radius: 8px; background: var(--line); display: block; margin-top: 14px; }
      .card { margin-top: 14px; } .acts { display: flex; gap: 6px; flex-wrap: wrap; justify-content: flex-end; } td { vertical-align: middle; }
      ol { list-style: none; margin: 0; padding: 0; } li { display: grid; grid-template-columns: 110px minmax(0, 1fr); gap: 4px 14px; padding: 8px 0; border-top: 1px solid var(--line); } li:first-child { border-top: 0; } li .said { display: flex; gap: 4px 8px; flex-wrap: wrap; align-items: center; overflow-wrap: anywhere; } li.gone .said { color: var(--soft); }
      @media (max-width: 700px) { .top { grid-template-columns: 96px minmax(0, 1fr); gap: 14px; } li { grid-template-columns: minmax(0, 1fr); } td.wide { display: none; } tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 2px 12px; padding: 8px 0; border-top: 1px solid var(--line); } tr:first-child { border-top: 0; } td { border: 0 !important; padding: 0; } td:nth-child(5), td:last-child { grid-column: 1 / -1; text-align: left; } .acts { justify-content: flex-start; margin-top: 6px; } }
    `,
  ];

  @property({ type: Number }) item = 0;
  @state() private history: History | null = null;
  @state() private photo = false;
  private doing = new Doing(this);

  protected override async look(): Promise<void> {
    try {
      this.history = await get<History>(`/api/items/${this.item}/history/`);
    } catch (error) {
      this.doing.say((error as Error).message);
    }
  }

  private act(url: string, body: unknown, not: string): Promise<void> {
    return this.doing.act(async () => {
      await call("POST", url, body);
      await this.look();
    }, not);
  }

  private label(name: string): TemplateResult {
    return named(this.labels.get(name), name, 20);
  }

  override render(): TemplateResult {
    const { history } = this;
    if (!history) return html`<p class="soft">${this.doing.trouble || "Fetching the item…"}</p>`;
    const { item } = history;
    return html`<div class="top"><img class="crop" src="${history.crop}?size=320" alt="The item" />
        <div><h1>${item.key}</h1><dl class="small">
          <dt>Label</dt><dd>${this.label(item.label)}</dd>
          ${item.predicted ? html`<dt>Predicted</dt><dd>${this.label(item.predicted)}</dd>` : nothing}
          <dt>Suspicion</dt><dd>${percent(item.suspicion)}</dd>
          ${item.state === "removed" ? html`<dt>State</dt><dd>removed from the dataset</dd>` : nothing}
          ${Object.entries(item.attributes).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
          <p class="more"><button id="photo" aria-expanded=${this.photo} @click=${() => (this.photo = !this.photo)}>${this.photo ? "Hide the photo" : "The whole photo"}</button></p></div></div>
      ${this.photo ? html`<img class="whole" src=${history.context} alt="The whole photo, with a box around the item" />` : nothing}
      ${this.doing.trouble ? html`<p class="notice bad small" role="alert">${this.doing.trouble}</p>` : nothing}
      <section class="card"><h2>In campaigns</h2>${history.verdicts.length ? html`<table class="small"><tbody>${history.verdicts.map((one) => this.renderVerdict(one))}</tbody></table>` : html`<p class="soft small">No campaign covers it.</p>`}</section>
      <section class="card"><h2>What happened</h2>${history.events.length ? html`<ol class="small">${history.events.map((event) => this.renderEvent(event))}</ol>` : html`<p class="soft small">Nothing yet: nobody has looked at it, and it is as it came in.</p>`}</section>`;
  }

  private renderVerdict(one: Verdict): TemplateResult {
    const campaign = `/api/campaigns/${one.campaign}`;
    return html`<tr data-verdict=${one.id}><td><a href="/campaigns/${one.campaign}/">${one.name}</a></td><td>${STATES[one.state]}</td><td class="wide">as ${this.label(one.label)}</td>
      <td class="num wide">${plural(one.flags, "flag")} in ${plural(one.looks, "look")}</td><td class="num">wrong: ${percent(one.probability)} now</td>
      <td><span class="acts">
        ${one.resolution ? html`<button class="reopen" ?disabled=${this.doing.busy} @click=${() => this.act(`${campaign}/reopen/`, { cases: [{ verdict: one.id, if_resolution: one.resolution }] }, "Not reopened")}>Reopen</button>`
          : html`<button class="again" ?disabled=${this.doing.busy} @click=${() => this.act(`${campaign}/more-looks/`, { verdicts: [one.id], looks: 2 }, "Not asked")}>Ask two more</button>`}
        ${one.fix ? html`<button class="revert" ?disabled=${this.doing.busy} @click=${() => this.act(`/api/fixes/${one.fix}/revert/`, {}, "Not taken back")}>Take the fix back</button>` : nothing}</span></td></tr>`;
  }

  private renderEvent(event: ItemEvent): TemplateResult {
    return html`<li class=${event.stands === false ? "gone" : ""} data-what=${event.what}><span class="soft">${when(event.at)}</span>
      <span class="said"><b>${event.by ?? (event.what === "revision" ? "the consensus" : "")}</b> ${this.said(event)}
        ${event.note && event.what !== "revision" ? html`<span>“${event.note}”</span>` : nothing}
        ${event.stands === false ? html`<span class="soft">${event.what === "decision" || event.what === "accepted" ? "no longer stands" : "does not count"}</span>` : nothing}
        ${event.campaign ? html`<span class="soft">${event.campaign}</span>` : nothing}</span></li>`;
  }

  private said(event: ItemEvent): TemplateResult {
    const to = typeof event.new === "string" ? this.label(event.new) : nothing;
    switch (event.what) {
      case "look":
        return html`${REASONS[event.reason ?? ""] ?? event.reason} ${to}`;
      case "check":
        return html`met it as a check, shown as ${this.label(event.label ?? "")}, and ${REASONS[event.reason ?? ""] ?? event.reason} ${to}`;
      case "decision":
        return html`${DECISIONS[event.reason ?? ""] ?? event.reason} ${to}`;
      case "accepted":
        return html`accepted the consensus unseen; ${DECISIONS[event.reason ?? ""] ?? event.reason} ${to}`;
      case "question":
        return html`asked about ${this.label(event.label ?? "")}`;
      case "answer":
        return html`answered`;
      case "revision":
        return this.changed(event);
    }
  }

  /** The consensus took the label from the ranking alone. */
  private unnamed({ by, new: became }: ItemEvent): boolean {
    return by === null && !this.history?.events.some(({ what, new: named }) => what !== "revision" && named === became);
  }

  private changed(event: ItemEvent): TemplateResult {
    const note = html`<span class="soft">revision ${event.note}</span>`;
    if (event.reason === "label") return html`changed the label: ${this.label(String(event.old))} → ${this.label(String(event.new))} ${this.unnamed(event) ? html`<span class="soft">which nobody named: the ranking takes it for that</span>` : nothing} ${note}`;
    if (event.reason === "removed") return html`${event.new ? "removed it from the dataset" : "took it back into the dataset"} ${note}`;
    return html`changed the box ${note}`;
  }
}
