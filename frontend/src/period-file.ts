/** <period-file address>: choose a period, and download what was done in it as a CSV file. */
import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { msg } from "./language";
import { shared } from "./shared";

@customElement("period-file")
export class PeriodFile extends LitElement {
  static override styles = [
    shared,
    css`
      form { display: flex; gap: 8px 12px; align-items: end; flex-wrap: wrap; } label { display: grid; gap: 3px; font-size: 12px; color: var(--soft); } input { width: auto; color: var(--ink); }
    `,
  ];

  @property() address = "";
  @state() private since = iso(new Date(new Date().getFullYear(), new Date().getMonth(), 1));
  @state() private until = iso(new Date());

  override render(): TemplateResult {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
    const set = (name: "since" | "until") => (event: Event) => (this[name] = (event.target as HTMLInputElement).value);
    const query = new URLSearchParams({ since: this.since, until: this.until, zone });
    return html`<form @submit=${(event: Event) => event.preventDefault()}>
      <label>${msg("From")}<input type="date" name="since" .value=${this.since} max=${this.until} @change=${set("since")} /></label>
      <label>${msg("To")}<input type="date" name="until" .value=${this.until} min=${this.since} @change=${set("until")} /></label>
      <a class="button" download href="${this.address}?${query}">${msg("Download as CSV")}</a></form>`;
  }
}

/** The day by the clock of whoever looks. */
function iso(day: Date): string {
  return [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((n) => String(n).padStart(2, "0")).join("-");
}
