/** <own-messages>: what a supervisor wrote to whoever looks, until they have read it. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { call, get, type Page } from "./api";
import { msg, str } from "./language";
import { when } from "./numbers";
import { shared } from "./shared";

export interface Message {
  id: number;
  to: string;
  by: string;
  text: string;
  at: string;
  read_at: string | null;
}

@customElement("own-messages")
export class OwnMessages extends LitElement {
  static override styles = [
    shared,
    css`
      section { margin: 12px 24px 0; padding: 12px 14px; border: 1px solid var(--line); border-left: 3px solid var(--accent); border-radius: 10px; background: var(--paper); display: flex; gap: 8px 14px; align-items: center; flex-wrap: wrap; }
      p { margin: 0; flex: 1 1 260px; min-width: 0; white-space: pre-line; overflow-wrap: anywhere; } :host([flat]) section { margin: 0 0 12px; }
      @media (max-width: 700px) { section { margin: 8px 8px 0; } }
    `,
  ];

  @state() private messages: Message[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    get<Page<Message>>("/api/messages/").then(({ results }) => (this.messages = results), () => undefined);
  }

  /** It goes at once; where the server does not hear of it, it comes again with the next page. */
  private read(message: Message): void {
    this.messages = this.messages.filter((one) => one !== message);
    void call("POST", `/api/messages/${message.id}/read/`, {}).catch(() => undefined);
    this.dispatchEvent(new CustomEvent("leave"));
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.messages.length) return nothing;
    return html`${this.messages.map((one) => html`<section class="small" data-message=${one.id}><p><b>${msg(str`${one.by} writes`)}</b> <span class="soft">${when(one.at)}</span>
${one.text}</p><button class="got-it" @click=${() => this.read(one)}>${msg("Got it")}</button></section>`)}`;
  }
}
