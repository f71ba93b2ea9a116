/** <email-digest project>: whether one is written to of what happens in the project, and at which address. For supervisors
 * and leads. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { call, fieldErrors, get } from "./api";
import { Doing } from "./doing";
import { shared } from "./shared";

interface Digest {
  digest: "never" | "daily";
  address: string;
  confirmed: boolean;
  site_sends_mail: boolean;
}
const CHOICES: [Digest["digest"], string][] = [
  ["daily", "Once a day, where something happened"],
  ["never", "Never"],
];

@customElement("email-digest")
export class EmailDigest extends LitElement {
  static override styles = [
    shared,
    css`
      form { display: grid; gap: 10px; } label { display: grid; gap: 3px; font-size: 12px; color: var(--soft); } label > input { color: var(--ink); } .inline { display: flex; gap: 8px; } .inline input { flex: 1; }
      fieldset { border: 0; margin: 0 0 12px; padding: 0; display: grid; gap: 2px; } legend { padding: 0; font-size: 12px; color: var(--soft); margin-bottom: 4px; } .choice { display: flex; gap: 8px; align-items: center; font-size: 13px; color: var(--ink); min-height: 28px; } p { margin: 0; }
    `,
  ];

  @property({ type: Number }) project = 0;
  @state() private own: Digest | null = null;
  @state() private asked = "";
  @state() private wrong = "";
  @query("#email-address") private field!: HTMLInputElement;
  private doing = new Doing(this);

  override connectedCallback(): void {
    super.connectedCallback();
    get<Digest>(`/api/projects/${this.project}/digest/`).then((own) => (this.own = own), (error: Error) => this.doing.say(error.message));
  }

  private choose(digest: Digest["digest"]): Promise<void> {
    return this.doing.act(async () => (this.own = await call<Digest>("PUT", `/api/projects/${this.project}/digest/`, { digest })), "Not changed");
  }

  private async give(event: Event): Promise<void> {
    event.preventDefault();
    this.wrong = this.asked = "";
    const address = this.field.value.trim();
    await this.doing.act(async () => {
      try {
        this.own = await call<Digest>("PUT", `/api/projects/${this.project}/digest/address/`, { address });
        this.asked = this.own.confirmed ? "" : address;
      } catch (error) {
        const said = fieldErrors(error)["address"];
        if (!said) throw error;
        this.wrong = said.join(" ");
        this.field.focus();
      }
    }, "Not changed");
  }

  override render(): TemplateResult | typeof nothing {
    const trouble = this.doing.trouble ? html`<p class="notice bad small" role="alert">${this.doing.trouble}</p>` : nothing;
    if (!this.own) return html`${trouble}`;
    if (!this.own.site_sends_mail) return html`<p class="small soft">This site sends no mail. Whoever runs it can change that (<code>EMAIL_URL</code>).</p>`;
    return html`<fieldset><legend>Write to me of finished classes, waiting disputes and campaigns that stand still</legend>${CHOICES.map(([value, words]) => html`<label class="choice"><input type="radio" name="digest" value=${value} .checked=${this.own?.digest === value} ?disabled=${this.doing.busy} @change=${() => this.choose(value)} />${words}</label>`)}</fieldset>
      <form @submit=${(event: Event) => this.give(event)}><label for="email-address">Your address, for all of your projects</label>
        <div class="inline"><input id="email-address" type="email" maxlength="254" autocomplete="email" .value=${this.own.address} aria-invalid=${this.wrong !== ""} aria-describedby="email-state" /><button ?disabled=${this.doing.busy}>Save</button></div>
        <p class="small" id="email-state" role="status">${this.renderState(this.own)}</p></form>${trouble}`;
  }

  private renderState({ address, confirmed, digest }: Digest): TemplateResult {
    if (this.wrong) return html`<span class="error">${this.wrong}</span>`;
    if (this.asked) return html`A link is on its way to ${this.asked}. Follow it within three days, signed in here; nothing else is sent before.`;
    if (confirmed) return html`<span class="good">Confirmed.</span>`;
    if (address) return html`<span class="soft">Not confirmed yet. Save it again for a new link.</span>`;
    return digest === "daily" ? html`<span class="error">Give an address, else nothing can be sent.</span>` : html`<span class="soft">None yet.</span>`;
  }
}
