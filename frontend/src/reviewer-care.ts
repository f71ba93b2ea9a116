/** <reviewer-care campaign username dataset>: how good one reviewer is, their batches as grids, and where others see it
 * otherwise. A batch is sent back here; a lead pauses them and chooses what they are lent. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { call, get, type Page, type Reason, type Role } from "./api";
import { Doing } from "./doing";
import { count, percent, plural, range, when } from "./numbers";
import { OfCampaign } from "./of-campaign";
import type { Message } from "./own-messages";
import { named, shared } from "./shared";

type Said = Reason | "";
interface Batch {
  id: number;
  at: string;
  tiles: number;
  flags: number;
  counted: number;
  planted: number;
  found: number;
  sent_back: boolean;
}
interface Otherwise {
  item: number;
  key: string;
  label: string;
  reason: Said;
  said: string | null;
  state: string;
  became: string | null;
  crop: string;
}
interface Reviewer {
  username: string;
  role: Role | null;
  paused: boolean;
  paused_why: string;
  in_hand: { batches: number; tiles: number; until: string | null };
  labels: string[];
  looks: number;
  flags: number;
  sensitivity: number | null;
  specificity: number | null;
  honeypots: { seen: number; found: number; hard_seen: number; hard_found: number; interval: [number, number] | null };
  agreement: { settled: number; agreed: number; interval: [number, number] | null };
  batches: Batch[];
  otherwise: Otherwise[];
}
interface Tile {
  position: number;
  item: number;
  label: string;
  own_label: string;
  planted: boolean;
  seen: boolean;
  reason: Said;
  said: string | null;
  comment: string;
  crop: string;
}
interface Opened {
  id: number;
  at: string;
  counted: number;
  sent_back: string | null;
  tiles: Tile[];
}

const FEW = 8;

@customElement("reviewer-care")
export class ReviewerCare extends OfCampaign {
  static override styles = [
    shared,
    css`
      .top { display: flex; gap: 8px 14px; align-items: center; flex-wrap: wrap; margin-bottom: 14px; } .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(118px, 1fr)); gap: 14px; } .facts b { display: block; font-size: 22px; font-weight: 650; letter-spacing: -.01em; margin: 2px 0; }
      .card { margin-top: 14px; } .field { display: grid; grid-template-columns: repeat(auto-fill, minmax(96px, 1fr)); gap: 10px; margin-top: 12px; } .field a { text-decoration: none; color: inherit; min-width: 0; } .field a > img { width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 6px; background: var(--line); display: block; }
      .field .flagged > img { box-shadow: 0 0 0 3px var(--flag); } .field .unseen > img { opacity: .35; } .field .what { display: flex; gap: 2px 6px; flex-wrap: wrap; align-items: center; padding-top: 5px; overflow-wrap: anywhere; font-size: 12px; line-height: 1.3; }
      .mark { font-weight: 600; } .mark.missed { color: var(--flag); } .mark.found { color: var(--fix); }
      tr.on { background: var(--ground); } td.act, th.act { text-align: right; } dialog { width: min(94vw, 460px); } textarea { min-height: 80px; } #messages textarea { min-height: 60px; margin-bottom: 8px; } .written { list-style: none; margin: 10px 0 0; padding: 0; display: grid; gap: 6px; } .written li { white-space: pre-line; overflow-wrap: anywhere; }
      @media (max-width: 700px) { .few { display: none; } .field { grid-template-columns: repeat(auto-fill, minmax(76px, 1fr)); } }
    `,
  ];

  @property() username = "";
  @property({ type: Boolean }) lead = false;
  @property({ type: Number }) project = 0;
  @state() private person: Reviewer | null = null;
  @state() private opened: Opened | null = null;
  @state() private every = false;
  @state() private written: Message[] = [];
  @query("#dialog-back") private dialog!: HTMLDialogElement;
  @query("#why") private why!: HTMLTextAreaElement;
  @query("#message") private message!: HTMLTextAreaElement;

  private doing = new Doing(this);

  protected override async look(): Promise<void> {
    try {
      const name = encodeURIComponent(this.username);
      [this.person, { results: this.written }] = await Promise.all([
        get<Reviewer>(`/api/campaigns/${this.campaign}/reviewers/${name}/`),
        get<Page<Message>>(`/api/projects/${this.project}/messages/?username=${name}`),
      ]);
    } catch (error) {
      this.doing.say((error as Error).message);
    }
  }

  private act(what: () => Promise<void>, not: string): Promise<void> {
    return this.doing.act(async () => {
      await what();
      await this.look();
    }, not);
  }

  private async show(batch: Batch): Promise<void> {
    if (this.opened?.id === batch.id) return void (this.opened = null);
    await this.act(async () => void (this.opened = await get<Opened>(`/api/assignments/${batch.id}/batch/`)), "Not opened");
  }

  private takeBack(): Promise<void> {
    return this.act(async () => void (await call("POST", `/api/campaigns/${this.campaign}/reviewers/${encodeURIComponent(this.username)}/take-back/`, {})), "Not taken back");
  }

  private pause(paused: boolean): Promise<void> {
    return this.act(async () => void (await call("POST", `/api/projects/${this.project}/members/`, { username: this.username, paused })), "Not changed");
  }

  private sendBack = (event: Event): void => {
    event.preventDefault();
    const { opened } = this;
    if (!opened) return;
    const why = this.why.value;
    this.dialog.close();
    void this.act(async () => void (this.opened = await call<Opened>("POST", `/api/assignments/${opened.id}/send-back/`, { why })), "Not sent back");
  };

  /** What was written stays in the field until the server has it. */
  private write = (event: Event): void => {
    event.preventDefault();
    const body = { username: this.username, text: this.message.value };
    void this.act(async () => {
      await call("POST", `/api/projects/${this.project}/messages/`, body);
      this.message.value = "";
    }, "Not sent");
  };

  override render(): TemplateResult {
    const { person } = this;
    if (!person) return html`<p class="soft">${this.doing.trouble || "Fetching what they did…"}</p>`;
    return html`<div class="top"><h1>${person.username}</h1><span class="small soft">${person.role ?? "no member any more"}${person.paused ? ", paused" : ""}${person.labels.length ? html`, lent ${person.labels.map((name) => this.labels.get(name)?.readable_name ?? name).join(", ")} alone` : nothing}</span><span class="grow"></span>
        ${this.lead && person.role ? html`<button id="pause" ?disabled=${this.doing.busy} @click=${() => this.pause(!person.paused)}>${person.paused ? "Let go on" : "Pause"}</button>` : nothing}</div>
      ${person.paused_why ? html`<p class="notice small">${person.paused_why}</p>` : nothing}
      ${this.doing.trouble ? html`<p class="notice bad small" role="alert">${this.doing.trouble}</p>` : nothing}
      ${person.in_hand.batches ? html`<p class="notice small row" id="in-hand"><span>In hand: ${plural(person.in_hand.tiles, "tile")} of ${plural(person.in_hand.batches, "batch", "batches")}, lent until ${when(person.in_hand.until)} at the latest.</span><span class="grow"></span>
        <button id="take-back" title="Others can have them at once. What is marked already is kept, and may still be handed in." ?disabled=${this.doing.busy} @click=${() => this.takeBack()}>Take them back</button></p>` : nothing}
      ${this.renderFacts(person)}
      <section class="card" id="batches"><h2>Last batches</h2>${person.batches.length ? this.renderBatches(person.batches) : html`<p class="soft small">Nothing handed in yet.</p>`}</section>
      <section class="card" id="otherwise"><h2>Where others see it otherwise</h2>${person.otherwise.length ? html`<div class="field">${person.otherwise.map((one) => this.renderOtherwise(one))}</div>` : html`<p class="soft small">Nowhere so far: what is settled is settled as they said.</p>`}</section>
      ${person.role ? this.renderMessages(person) : nothing}
      <dialog id="dialog-back" aria-labelledby="back-title"><form @submit=${this.sendBack}><h1 id="back-title">Send this batch back?</h1><p class="small">What was said in it counts no more, and others are asked. It stays in the person’s ledger.</p>
        <textarea id="why" required maxlength="300" aria-label="Why" placeholder="Why? The log keeps it."></textarea><div class="row"><span class="grow"></span><button type="button" @click=${() => this.dialog.close()}>Cancel</button><button class="primary" id="back-send">Send it back</button></div></form></dialog>`;
  }

  private renderMessages({ username }: Reviewer): TemplateResult {
    return html`<section class="card" id="messages"><h2>Write to ${username}</h2><form @submit=${this.write}><textarea id="message" required maxlength="1000" aria-label="Message" placeholder="It is shown above their tiles, and on their page, until they have read it."></textarea>
        <div class="row"><span class="grow"></span><button id="send-message" ?disabled=${this.doing.busy}>Send</button></div></form>
      ${this.written.length ? html`<ul class="written small">${this.written.slice(0, FEW).map((one) => html`<li><span class="soft">${when(one.at)}, ${one.by}${one.read_at ? `, read ${when(one.read_at)}` : ", not read yet"}</span> ${one.text}</li>`)}</ul>` : nothing}</section>`;
  }

  private renderFacts({ looks, flags, sensitivity, specificity, honeypots, agreement }: Reviewer): TemplateResult {
    const fact = (name: string, big: string, under: string) => html`<div><span class="small soft">${name}</span><b>${big}</b><span class="small soft">${under}</span></div>`;
    return html`<div class="card facts">
      ${fact("Finds", percent(sensitivity), "of wrong labels, by the model")}
      ${fact("Spares", percent(specificity), "of right labels, by the model")}
      ${fact("Planted errors found", honeypots.seen ? `${honeypots.found} of ${honeypots.seen}` : "none met", honeypots.interval ? `${range(honeypots.interval)}; hard ones ${honeypots.hard_found} of ${honeypots.hard_seen}` : "known once some are met")}
      ${fact("Agrees with what was settled", agreement.settled ? percent(agreement.agreed / agreement.settled) : "unknown", agreement.interval ? `${range(agreement.interval)} of ${count(agreement.settled)}` : "known once others have looked")}
      ${fact("Looks", count(looks), plural(flags, "flag"))}</div>`;
  }

  private renderBatches(batches: Batch[]): TemplateResult {
    return html`<table class="small"><thead><tr><th>Handed in</th><th class="num">Tiles</th><th class="num">Flags</th><th class="num few">Planted errors found</th><th class="act">Batch</th></tr></thead><tbody>
      ${(this.every ? batches : batches.slice(0, FEW)).map((one) => html`<tr data-batch=${one.id} class=${this.opened?.id === one.id ? "on" : ""}><td>${when(one.at)}</td><td class="num">${count(one.tiles)}</td><td class="num">${count(one.flags)}</td><td class="num few">${one.planted ? `${one.found} of ${one.planted}` : ""}</td>
        <td class="act">${one.sent_back ? html`<span class="soft">does not count</span> ` : nothing}<button class="show" aria-expanded=${this.opened?.id === one.id} @click=${() => this.show(one)}>${this.opened?.id === one.id ? "Close" : "Look"}</button></td></tr>
        ${this.opened?.id === one.id ? html`<tr><td colspan="5">${this.renderOpened(this.opened)}</td></tr>` : nothing}`)}</tbody></table>
      ${this.every || batches.length <= FEW ? nothing : html`<p><button class="plain" id="every" @click=${() => (this.every = true)}>Show all ${batches.length}</button></p>`}`;
  }

  private renderOpened(opened: Opened): TemplateResult {
    return html`<div id="opened">${opened.sent_back ? html`<p class="notice small">Sent back: ${opened.sent_back}</p>` : opened.counted ? html`<p class="row"><span class="grow"></span><button id="send-back" ?disabled=${this.doing.busy} @click=${() => this.dialog.showModal()}>Send it back…</button></p>` : nothing}
      <div class="field">${opened.tiles.map((tile) => html`<a href="/items/${tile.item}/" class="${tile.reason ? "flagged" : ""} ${tile.seen ? "" : "unseen"}" data-position=${tile.position}><img src="${tile.crop}?size=128" alt="" loading="lazy" />
        <span class="what">${this.said(tile)}${tile.planted ? html`<span class="mark ${tile.label === tile.own_label ? "" : tile.reason ? "found" : "missed"}">${tile.label === tile.own_label ? "planted, right" : tile.reason ? "planted, found" : "planted, missed"}</span>` : nothing}${tile.seen ? nothing : html`<span class="soft">not seen</span>`}</span></a>`)}</div></div>`;
  }

  private renderOtherwise(one: Otherwise): TemplateResult {
    return html`<a href="/items/${one.item}/" data-item=${one.item}><img src="${one.crop}?size=128" alt="" loading="lazy" /><span class="what">${one.reason ? html`${this.said(one)}<span class="soft">is right as ${this.labels.get(one.label)?.readable_name ?? one.label}</span>` : html`<span class="soft">left as ${this.labels.get(one.label)?.readable_name ?? one.label}, is</span>${one.became ? named(this.labels.get(one.became), one.became, 14) : html`<span>none</span>`}`}</span></a>`;
  }

  private said({ reason, said }: { reason: Said; said: string | null }): TemplateResult | typeof nothing {
    if (!reason) return nothing;
    return said ? html`<span class="soft">said</span>${named(this.labels.get(said), said, 14)}` : html`<span>${reason.replace(/_/g, " ")}</span>`;
  }
}
