/** <audit-log project>: who did what, when: filtered, and as CSV. The filter lies in the address. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { get, type Page } from "./api";
import { shared } from "./shared";

interface LogEvent {
  id: number;
  at: string;
  by: string | null;
  verb: string;
  campaign: number | null;
  campaign_name: string | null;
  details: Record<string, unknown>;
  /** What the things are called whose numbers are among the details. */
  names: Record<string, string>;
}
const FIELDS = ["verb", "by", "campaign", "since", "until"] as const;
const LONGEST = 200;

@customElement("audit-log")
export class AuditLog extends LitElement {
  static override styles = [
    shared,
    css`
      form { display: flex; gap: 8px 12px; flex-wrap: wrap; align-items: end; margin-bottom: 14px; } label { display: grid; gap: 3px; font-size: 12px; color: var(--soft); } input, select { min-width: 0; width: 150px; height: 36px; }
      td { vertical-align: top; } .at { white-space: nowrap; } .details { overflow-wrap: anywhere; color: var(--soft); } .wide { overflow-x: auto; }
      @media (max-width: 700px) { label, input, select { width: 100%; } thead { display: none; } tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; padding: 6px 0; border-top: 1px solid var(--line); } td { border: 0 !important; padding: 1px 0; } .details, .verb { grid-column: 1 / -1; } .verb { order: -1; font-weight: 600; } }
    `,
  ];

  @property({ type: Number }) project = 0;
  /** The project's, by number and name. */
  @property({ type: Array }) campaigns: [number, string][] = [];
  @state() private events: LogEvent[] | null = null;
  @state() private next: string | null = null;
  @state() private busy = false;
  @state() private trouble = "";

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look();
  }

  private get chosen(): URLSearchParams {
    const given = new URLSearchParams(location.search);
    return new URLSearchParams(FIELDS.flatMap((name) => (given.get(name) ? [[name, given.get(name)!]] : [])));
  }

  /** The events of the filter from the start, or those that follow. */
  private async look(following: string | null = null): Promise<void> {
    this.busy = true;
    this.trouble = "";
    try {
      const page = await get<Page<LogEvent>>(following ?? `/api/projects/${this.project}/log/?${this.chosen}`);
      this.events = [...(following ? (this.events ?? []) : []), ...page.results];
      this.next = page.next && page.next.replace(/^https?:\/\/[^/]+/, "");
    } catch (error) {
      this.trouble = (error as Error).message;
    } finally {
      this.busy = false;
    }
  }

  private filter(event: Event): void {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const chosen = new URLSearchParams(FIELDS.flatMap((name) => (given.get(name) ? [[name, String(given.get(name))]] : [])));
    history.replaceState(null, "", chosen.size ? `?${chosen}` : location.pathname);
    this.events = null;
    void this.look();
  }

  override render(): TemplateResult {
    const { chosen } = this;
    const field = (name: (typeof FIELDS)[number], words: string, type = "text") => html`<label>${words}<input name=${name} type=${type} .value=${chosen.get(name) ?? ""} list=${name === "verb" ? "verbs" : nothing} autocomplete="off" /></label>`;
    return html`<form @submit=${this.filter}>${field("verb", "What")}${field("by", "Who")}<label>Campaign<select name="campaign"><option value="">any</option>${this.campaigns.map(([id, name]) => html`<option value=${id} ?selected=${chosen.get("campaign") === String(id)}>${name}</option>`)}</select></label>${field("since", "From", "date")}${field("until", "To", "date")}
        <button class="primary" id="filter">Show</button><a class="button" id="csv" href="/api/projects/${this.project}/log.csv?${chosen}">CSV</a>
        <datalist id="verbs">${[...new Set((this.events ?? []).map(({ verb }) => verb))].sort().map((verb) => html`<option value=${verb}></option>`)}</datalist></form>
      ${this.trouble ? html`<p class="notice bad small" role="alert">${this.trouble}</p>` : nothing}
      ${this.events ? this.renderEvents(this.events) : this.trouble ? nothing : html`<p class="soft">Fetching the log…</p>`}`;
  }

  private renderEvents(events: LogEvent[]): TemplateResult {
    if (!events.length) return html`<div class="empty" id="nothing"><h2>Nothing like that</h2><p>No event fits. Take out one of the choices above.</p></div>`;
    return html`<div class="card wide" tabindex="0"><table class="small"><thead><tr><th>When</th><th>Who</th><th>What</th><th>Campaign</th><th>Details</th></tr></thead><tbody>
      ${events.map((one) => html`<tr data-event=${one.id}><td class="at">${new Date(one.at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" })}</td><td>${one.by ?? "MLfix"}</td><td class="verb">${one.verb}</td>
        <td>${one.campaign ? html`<a href="/campaigns/${one.campaign}/">${one.campaign_name}</a>` : nothing}</td><td class="details">${details({ ...one.details, ...one.names })}</td></tr>`)}</tbody></table></div>
      ${this.next ? html`<p><button id="more" ?disabled=${this.busy} @click=${() => this.look(this.next)}>Older ones</button></p>` : nothing}`;
  }
}

/** "name: value, …", cut where it is long. */
export function details(said: Record<string, unknown>): string {
  const parts = Object.entries(said).filter(([, value]) => value !== null && value !== "").map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  const whole = parts.join(", ");
  return whole.length > LONGEST ? `${whole.slice(0, LONGEST)}…` : whole;
}
