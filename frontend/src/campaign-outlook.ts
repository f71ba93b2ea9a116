/** <campaign-outlook dataset>: inside the form of a new campaign, what such a campaign would take and leave, told again
 *  with each change. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { call, fieldErrors } from "./api";
import { valuesOf } from "./form-values";
import { count, hours, percent, plural } from "./numbers";
import { shared } from "./shared";

interface Outlook {
  items: number;
  audited: number;
  looks: number;
  planted: number;
  hours: number | null;
  fixed: number;
  disputed: number;
  before: number;
  left: number;
  covered: number;
  ranked: boolean;
  /** What usual people flag of the wrong labels, and of the right ones. */
  finds: number;
  overmarks: number;
}
const REST = 400; // ms without a change before it is asked

@customElement("campaign-outlook")
export class CampaignOutlook extends LitElement {
  static override styles = [
    shared,
    css`
      dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(104px, 1fr)); gap: 10px 16px; margin: 0; } dt { color: var(--soft); font-size: 12px; } dd { margin: 2px 0 0; font-variant-numeric: tabular-nums; }
      p { margin: 8px 0 0; } .old { opacity: 0.5; }
    `,
  ];

  @property({ type: Number, attribute: "dataset" }) of = 0;
  @state() private told: Outlook | null = null;
  @state() private trouble = "";
  @state() private asking = false;
  private timer = 0;
  private asked = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    this.form?.addEventListener("input", this.soon);
    void this.ask();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.form?.removeEventListener("input", this.soon);
    clearTimeout(this.timer);
  }

  private get form(): HTMLFormElement | null {
    return this.closest("form");
  }

  private readonly soon = (): void => {
    clearTimeout(this.timer);
    this.asking = true;
    this.timer = window.setTimeout(() => void this.ask(), REST);
  };

  private async ask(): Promise<void> {
    const turn = ++this.asked;
    this.asking = true;
    try {
      const told = await call<Outlook>("POST", `/api/datasets/${this.of}/outlook/`, this.form ? valuesOf(this.form) : {});
      if (turn !== this.asked) return;
      this.told = told;
      this.trouble = "";
    } catch (error) {
      if (turn !== this.asked) return;
      this.trouble = this.saidOf(error as Error);
    }
    this.asking = false;
  }

  /** The server's sentences, by the words that the form has for its fields. */
  private saidOf(error: Error): string {
    const named = (field: string): string => {
      const found = this.form?.elements.namedItem(field);
      const words = found instanceof HTMLElement ? found.closest("label")?.firstChild?.textContent?.trim() : "";
      return words ? `${words}: ` : "";
    };
    return Object.entries(fieldErrors(error)).map(([field, lines]) => named(field) + lines.join(" ")).join(" ") || error.message;
  }

  override render(): TemplateResult {
    const { told, trouble } = this;
    if (trouble) return html`<p class="notice bad small" role="alert">${trouble}</p>`;
    if (!told) return html`<p class="soft small">Reckoning what it would take…</p>`;
    return html`<div id="outlook" role="status" class=${this.asking ? "old" : ""}>
      <dl>${this.fact("Items", count(told.items))}${this.fact("Looks", `about ${count(told.looks + told.planted)}`)}${this.fact("Time", told.hours === null ? "nobody has looked yet" : hours(told.hours * 3600))}${this.fact("Wrong now", percent(told.before))}${this.fact("Wrong after", percent(told.left))}${this.fact("For a supervisor", plural(told.disputed, "item"))}</dl>
      <p class="soft small">${told.ranked ? "By what is suspected" : "Nothing is suspected yet: a usual share of errors is taken"}, and people who flag ${percent(told.finds)} of the wrong labels and ${percent(told.overmarks)} of the right ones.
        ${told.audited ? html`${plural(told.audited, "item")}, drawn by chance, will show what is left.` : nothing}
        ${told.covered < 1 ? html`The budget pays for ${percent(told.covered)} of the looks, so more is left wrong than that.` : nothing}</p></div>`;
  }

  private fact(name: string, value: string): TemplateResult {
    return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  }
}
