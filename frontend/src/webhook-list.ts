/** <webhook-list project>: addresses outside that are told what happens in the project's campaigns, with what became of the
 * last tellings. For leads. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { call, fieldErrors, get, type Page } from "./api";
import { Doing } from "./doing";
import { plural, when } from "./numbers";
import { shared } from "./shared";

const KINDS = {
  class_finished: "A class is finished",
  disputes_waiting: "Disputes wait",
  campaign_stalled: "A campaign stands still",
  campaign_finished: "A campaign is finished",
};
type Kind = keyof typeof KINDS;
const ALL = Object.keys(KINDS) as Kind[];
interface Webhook {
  id: number;
  url: string;
  kinds: Kind[];
  active: boolean;
  failures: number;
  failing: boolean;
}
interface Delivery {
  id: number;
  kind: Kind | "test";
  campaign_name: string | null;
  label: string | null;
  state: "waiting" | "delivered" | "failed";
  created_at: string;
  ended_at: string | null;
  next_at: string | null;
  status: number | null;
  trouble: string;
}
const SHOWN = 5; // deliveries of a webhook
const LOOK_AGAIN = 2000; // milliseconds, while something is on its way
const LOOKS = 20; // in a row

@customElement("webhook-list")
export class WebhookList extends LitElement {
  static override styles = [
    shared,
    css`
      form { display: grid; gap: 10px; margin-top: 12px; } label { display: grid; gap: 3px; font-size: 12px; color: var(--soft); } label > input { color: var(--ink); }
      fieldset { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 14px; } legend { padding: 0; font-size: 12px; color: var(--soft); margin-bottom: 4px; }
      .choice { display: inline-flex; gap: 6px; align-items: center; font-size: 13px; color: var(--ink); min-height: 28px; }
      ul { list-style: none; margin: 0; padding: 0; } .hooks > li { padding: 12px 0; border-top: 1px solid var(--line); display: grid; gap: 6px; } .hooks > li:first-child { border-top: 0; padding-top: 0; }
      .url { font-size: 13px; font-weight: 550; overflow-wrap: anywhere; } .deliveries li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 8px; align-items: center; padding: 3px 0; overflow-wrap: anywhere; }
      .told { display: flex; flex-wrap: wrap; gap: 0 10px; } .why { grid-column: 1; } .acts { gap: 0 4px; margin-left: -6px; } .acts .plain, .deliveries .plain { min-height: 28px; font-size: 12px; } .deliveries .plain { margin-right: -6px; } .secret { border: 1px solid var(--line); border-left: 3px solid var(--accent); border-radius: 6px; padding: 10px 12px; margin: 0 0 12px; display: grid; gap: 8px; } .secret .row { flex-wrap: nowrap; }
      .secret input { font-family: ui-monospace, monospace; } p { margin: 0 0 8px; } .mark::before { content: "●"; margin-right: 5px; } .waiting::before { content: "○"; }
    `,
  ];

  @property({ type: Number }) project = 0;
  @state() private hooks: Webhook[] | null = null;
  @state() private sent = new Map<number, Delivery[]>();
  @state() private secret: { of: number; text: string; copied: boolean } | null = null;
  @state() private wrong: Record<string, string[]> = {};
  @query("#webhook-url") private field!: HTMLInputElement;
  @query("#webhook-secret") private shownSecret!: HTMLInputElement | null;
  private doing = new Doing(this);
  private timer = 0;
  private looks = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  private async look(): Promise<void> {
    clearTimeout(this.timer);
    try {
      this.hooks = (await get<Page<Webhook>>(`/api/projects/${this.project}/webhooks/`)).results;
      const pages = await Promise.all(this.hooks.map(({ id }) => get<Page<Delivery>>(`/api/webhooks/${id}/deliveries/`)));
      this.sent = new Map(this.hooks.map(({ id }, n) => [id, pages[n]!.results.slice(0, SHOWN)]));
    } catch (error) {
      this.doing.say((error as Error).message);
    }
    this.lookAgain();
  }

  /** While something is on its way and was not tried yet, so that one sees it arrive; not for ever, since no worker may be there. */
  private lookAgain(): void {
    const under = [...this.sent.values()].flat().some(({ state, trouble }) => state === "waiting" && !trouble);
    this.looks = under ? this.looks + 1 : 0;
    if (under && this.looks < LOOKS && this.isConnected) this.timer = window.setTimeout(() => void this.look(), LOOK_AGAIN);
  }

  private async add(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const kinds = new FormData(form).getAll("kinds");
    this.wrong = kinds.length ? {} : { kinds: ["Choose what it is to be told of."] };
    if (!kinds.length) return;
    await this.doing.act(async () => {
      try {
        const made = await call<Webhook & { secret: string }>("POST", `/api/projects/${this.project}/webhooks/`, { url: this.field.value, kinds });
        this.secret = { of: made.id, text: made.secret, copied: false };
        form.reset();
        await this.look();
        await this.updateComplete;
        this.shownSecret?.select();
      } catch (error) {
        const errors = fieldErrors(error);
        if (!("url" in errors)) throw error;
        this.wrong = errors;
        this.field.focus();
      }
    }, "Not added");
  }

  private act(method: string, address: string, not: string, body?: unknown): Promise<void> {
    this.looks = 0;
    return this.doing.act(async () => {
      await call(method, address, body);
      await this.look();
    }, not);
  }

  private async takeAway(hook: Webhook): Promise<void> {
    if (!confirm(`Remove the webhook to ${hook.url}? It is told nothing any more, and what was sent to it is forgotten.`)) return;
    if (this.secret?.of === hook.id) this.secret = null;
    await this.act("DELETE", `/api/webhooks/${hook.id}/`, "Not removed");
    this.field.focus();
  }

  private copy(): void {
    this.shownSecret?.select();
    void navigator.clipboard?.writeText(this.secret?.text ?? "").then(() => (this.secret = this.secret && { ...this.secret, copied: true }));
  }

  override render(): TemplateResult {
    return html`${this.secret ? this.renderSecret(this.secret) : nothing}
      ${this.hooks?.length ? html`<ul class="hooks">${repeat(this.hooks, ({ id }) => id, (one) => this.renderHook(one))}</ul>` : this.hooks ? html`<p class="small soft" id="no-webhooks">None yet. Your chat, or a script of yours, can be told when a class is finished or disputes wait: each notice goes to an address as a signed JSON request.</p>` : nothing}
      ${this.doing.trouble ? html`<p class="notice bad small" role="alert">${this.doing.trouble}</p>` : nothing}${this.renderForm()}`;
  }

  private renderSecret({ text, copied }: { text: string; copied: boolean }): TemplateResult {
    return html`<div class="secret small" role="status"><span>The secret that signs each request (<a href="https://www.standardwebhooks.com" target="_blank" rel="noreferrer">Standard Webhooks</a>). It is shown only now: copy it.</span>
      <div class="row"><input id="webhook-secret" readonly aria-label="The secret" .value=${text} /><button type="button" id="copy-secret" @click=${() => this.copy()}>${copied ? "Copied" : "Copy"}</button></div></div>`;
  }

  private renderHook(hook: Webhook): TemplateResult {
    const all = hook.kinds.length === ALL.length;
    const sent = this.sent.get(hook.id) ?? [];
    return html`<li data-webhook=${hook.id}><span class="url">${hook.url}</span>
      <span class="small soft">${all ? "Told of everything" : hook.kinds.map((kind) => KINDS[kind]).join(" · ")}${hook.active ? "" : " · paused"}</span>
      ${hook.failing ? html`<span class="small error">The last ${plural(hook.failures, "try", "tries")} failed. Look at the receiver, then test it.</span>` : nothing}
      ${sent.length ? html`<ul class="deliveries small" aria-label="What was sent last">${repeat(sent, ({ id }) => id, (one) => this.renderDelivery(one))}</ul>` : nothing}
      <span class="row acts small"><button class="plain" ?disabled=${this.doing.busy || !hook.active} aria-label="Test ${hook.url}" @click=${() => this.act("POST", `/api/webhooks/${hook.id}/test/`, "Not tested")}>Test</button>
        <button class="plain" ?disabled=${this.doing.busy} aria-label="${hook.active ? "Pause" : "Let go on"}: ${hook.url}" @click=${() => this.act("PATCH", `/api/webhooks/${hook.id}/`, "Not changed", { active: !hook.active })}>${hook.active ? "Pause" : "Let go on"}</button>
        <button class="plain" ?disabled=${this.doing.busy} aria-label="Remove ${hook.url}" @click=${() => this.takeAway(hook)}>Remove</button></span></li>`;
  }

  private renderDelivery(one: Delivery): TemplateResult {
    const what = [one.kind === "test" ? "Test" : KINDS[one.kind], one.label, one.campaign_name].filter(Boolean).join(" · ");
    const how = { delivered: "good", failed: "error", waiting: "soft" }[one.state];
    const said = one.state === "waiting" ? (one.trouble ? `again at ${when(one.next_at)}` : "on its way") : `${one.state} ${when(one.ended_at)}`;
    return html`<li data-delivery=${one.id}><span class="told"><span>${what}</span><span class="mark ${how} ${one.state}">${said}</span></span>
      ${one.state === "waiting" && !one.trouble ? nothing : html`<button class="plain" ?disabled=${this.doing.busy} aria-label="Send again: ${what}" @click=${() => this.act("POST", `/api/deliveries/${one.id}/again/`, "Not sent")}>Send again</button>`}
      ${one.trouble ? html`<span class="why soft">${one.trouble}</span>` : nothing}</li>`;
  }

  private renderForm(): TemplateResult {
    const { url = [], kinds = [] } = this.wrong;
    return html`<form @submit=${(event: Event) => this.add(event)}>
      <label>Address<input id="webhook-url" name="url" type="url" required maxlength="500" placeholder="https://example.org/hooks/mlfix" autocomplete="off" aria-invalid=${url.length > 0} aria-describedby="webhook-url-wrong" /></label>
      <span id="webhook-url-wrong" class="small error" role="alert" ?hidden=${!url.length}>${url.join(" ")}</span>
      <fieldset><legend>Tell it that</legend>${ALL.map((kind) => html`<label class="choice"><input type="checkbox" name="kinds" value=${kind} checked />${KINDS[kind]}</label>`)}</fieldset>
      ${kinds.length ? html`<span class="small error" role="alert">${kinds.join(" ")}</span>` : nothing}
      <div class="row"><button id="add-webhook" ?disabled=${this.doing.busy}>Add</button></div></form>`;
  }
}
