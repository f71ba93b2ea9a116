/** <campaign-rules campaign>: what a running campaign asks for, for its lead to change. */
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { call, fieldErrors, get } from "./api";
import { count } from "./numbers";
import { shared } from "./shared";

interface Rules {
  name: string;
  policy: string;
  looks_min: number;
  looks_max: number;
  clean_after: number | null;
  clean_below: number;
  fix_above: number;
  honeypots: number;
  quality_min: number;
  budget: number | null;
  target_rate: number | null;
  price: number | null;
  price_per: "look" | "hour";
  currency: string;
  one_by_one_seconds: number | null;
}
type Field = Exclude<keyof Rules, "name" | "policy" | "price_per" | "currency">;

type State = "open" | "clean" | "fix" | "disputed" | "unclear";
/** What other rules would make of the items. */
interface Foreseen {
  items: number;
  judged: number;
  now: Record<State, number>;
  then: Record<State, number>;
  looks_now: number;
  looks_then: number;
}
const STATES: [State, string][] = [["open", "still open"], ["clean", "clean"], ["fix", "fixed"], ["disputed", "disputed"], ["unclear", "unclear"]];

/** Shares are shown in percent. `of`: the policies under which a field means something; none: all. */
const FIELDS: { name: Field; says: string; under: string; percent?: boolean; step?: number; min: number; max: number; of?: string[]; empty?: boolean }[] = [
  { name: "looks_min", says: "Looks at least", under: "under “until some agree”: how many must agree", min: 0, max: 9, of: ["evidence", "first_agree"] },
  { name: "looks_max", says: "Looks at most", under: "for one item", min: 1, max: 15, of: ["evidence", "first_agree", "fixed"] },
  { name: "clean_after", says: "Clean after", under: "looks, none of them flagged; empty: as many as must agree", min: 1, max: 15, of: ["first_agree"], empty: true },
  { name: "clean_below", says: "Clean below", under: "% probably wrong", percent: true, step: 0.01, min: 0.01, max: 20, of: ["evidence"] },
  { name: "fix_above", says: "Fixed above", under: "% probably wrong", percent: true, step: 0.01, min: 80, max: 99.99, of: ["evidence"] },
  { name: "honeypots", says: "Planted checks", under: "in a batch", min: 0, max: 10 },
  { name: "quality_min", says: "Bar", under: "% of planted errors found; who is surely below is paused; 0: nobody is", percent: true, step: 1, min: 0, max: 90 },
  { name: "budget", says: "Budget", under: "looks in all; empty: as many as it takes", min: 1, max: 1e9, empty: true },
  { name: "target_rate", says: "Stop at", under: "% labels still wrong, once that is sure; empty: when all is settled", percent: true, step: 0.01, min: 0.01, max: 20, empty: true },
  { name: "one_by_one_seconds", says: "One item alone", under: "seconds, where people open one at a time: what the cost is compared with", step: 0.1, min: 0.1, max: 3600, empty: true },
];
const POLICIES: [string, string][] = [["evidence", "As the evidence asks"], ["fixed", "A fixed number"], ["first_agree", "Until some agree"], ["solo", "One person decides"]];

@customElement("campaign-rules")
export class CampaignRules extends LitElement {
  static override styles = [
    shared,
    css`
      .wide-choice, label .error { grid-column: 2 / -1; } fieldset { border: 0; margin: 0; padding: 0; display: grid; grid-template-columns: 130px 110px 110px minmax(0, 1fr); gap: 10px; align-items: center; } fieldset legend { float: left; padding: 0; }
      form { display: grid; gap: 12px; min-width: min(84vw, 460px); } h1 { margin-bottom: 4px; }
      label { display: grid; grid-template-columns: 130px 110px minmax(0, 1fr); gap: 10px; align-items: center; }
      .acts { position: sticky; bottom: calc(-1 * var(--s6)); margin-bottom: calc(-1 * var(--s6)); padding: 12px 0 var(--s6); background: var(--raised); border-top: 1px solid var(--line); } [role] { scroll-margin: 20px 0 100px; }
      @media (max-width: 560px) { [role] { scroll-margin-bottom: 150px; } label { grid-template-columns: minmax(0, 1fr) 110px; } label .soft, label .error { grid-column: 1 / -1; } .wide-choice { grid-column: 1 / -1; } fieldset { grid-template-columns: repeat(3, minmax(0, 1fr)); } fieldset legend { grid-column: 1 / -1; } }
    `,
  ];

  @property({ type: Number }) campaign = 0;
  @state() private rules: Rules | null = null;
  @state() private policy = "";
  @state() private trouble = "";
  /** By field, what is wrong with it. */
  @state() private wrong: Record<string, string[]> = {};
  @state() private busy = false;
  @state() private foreseen: Foreseen | null = null;
  @query("dialog") private dialog!: HTMLDialogElement;
  @query("form") private form!: HTMLFormElement;

  private async open(): Promise<void> {
    this.trouble = "";
    this.wrong = {};
    this.foreseen = null;
    try {
      this.rules = await get<Rules>(this.url);
      this.policy = this.rules.policy;
    } catch (error) {
      this.trouble = (error as Error).message;
    }
    await this.updateComplete;
    this.dialog.showModal();
  }

  private get url(): string {
    return `/api/campaigns/${this.campaign}/`;
  }

  private async foresee(): Promise<void> {
    await this.ask(async () => {
      this.foreseen = await call<Foreseen>("POST", `${this.url}foresee/`, this.changes());
    });
  }

  /** What was answered comes into view: the form may be longer than the window. */
  override updated(changed: PropertyValues): void {
    if (changed.has("foreseen") || changed.has("wrong") || changed.has("trouble")) this.renderRoot.querySelector("form [role=alert], #foreseen")?.scrollIntoView({ block: "nearest" });
  }

  /** What the server refuses is said beside its field, else below the form. */
  private async ask(act: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.trouble = "";
    this.wrong = {};
    try {
      await act();
    } catch (error) {
      const shown = (field: string) => this.fields.some(({ name }) => name === field);
      const errors = Object.entries(fieldErrors(error));
      this.wrong = Object.fromEntries(errors.filter(([field]) => shown(field)));
      const rest = errors.filter(([field]) => !shown(field)).flatMap(([, lines]) => lines);
      this.trouble = errors.length ? rest.join(" ") : (error as Error).message;
    } finally {
      this.busy = false;
    }
  }

  private renderForeseen({ items, judged, now, then, looks_now, looks_then }: Foreseen): TemplateResult {
    const moved = (before: number, after: number) => (after === before ? "as now" : `${after > before ? "+" : "−"}${count(Math.abs(after - before))}`);
    return html`<div id="foreseen" role="status"><table class="small"><thead><tr><th>Items</th><th class="num">now</th><th class="num">then</th><th class="num">change</th></tr></thead><tbody>
      ${STATES.map(([state, says]) => html`<tr><td>${says}</td><td class="num">${count(now[state])}</td><td class="num">${count(then[state])}</td><td class="num soft">${moved(now[state], then[state])}</td></tr>`)}
      <tr><td>looks wanted still</td><td class="num">${count(looks_now)}</td><td class="num">${count(looks_then)}</td><td class="num soft">${moved(looks_now, looks_then)}</td></tr></tbody></table>
      ${judged < items ? html`<p class="soft small">By ${count(judged)} of ${count(items)} items.</p>` : nothing}</div>`;
  }

  private async save(event: Event): Promise<void> {
    event.preventDefault();
    const change = this.changes();
    if (!Object.keys(change).length) return this.dialog.close();
    await this.ask(async () => {
      this.rules = await call<Rules>("PATCH", this.url, change);
      this.dialog.close();
      // The page's heading and title say the name.
      if ("name" in change) location.reload();
      this.dispatchEvent(new CustomEvent("rules-changed"));
    });
  }

  /** Only what was changed is sent. */
  private changes(): Partial<Rules> {
    const change: Record<string, unknown> = {};
    const name = this.field("name").value.trim();
    if (name !== this.rules?.name) change["name"] = name;
    if (this.policy !== this.rules?.policy) change["policy"] = this.policy;
    for (const { name, percent, of } of this.fields) {
      const field = this.field(name) as HTMLInputElement;
      const value = field.value === "" ? null : percent ? Number((field.valueAsNumber / 100).toFixed(6)) : field.valueAsNumber;
      // Another policy brings numbers of its own: what is shown is what is meant.
      if (value !== this.rules?.[name] || (of && "policy" in change)) change[name] = value;
    }
    const price = this.field("price").value;
    const paid = { price: price === "" ? null : Number(price), price_per: this.field("price_per").value, currency: this.field("currency").value.trim() };
    for (const [name, value] of Object.entries(paid)) if (value !== this.rules?.[name as keyof Rules]) change[name] = value;
    return change;
  }

  private field(name: string): HTMLInputElement | HTMLSelectElement {
    return this.form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement;
  }

  private get fields(): typeof FIELDS {
    return FIELDS.filter(({ of }) => !of || of.includes(this.policy));
  }

  override render(): TemplateResult {
    return html`<button id="rules" @click=${this.open}>Rules</button>
      <dialog id="dialog-rules">${this.rules ? this.renderForm(this.rules) : html`<p class="error">${this.trouble}</p><form method="dialog"><button>Close</button></form>`}</dialog>`;
  }

  private renderForm(rules: Rules): TemplateResult {
    return html`<form @submit=${this.save} @input=${() => (this.foreseen = null)}><div><h1>Rules of this campaign</h1><p class="soft small">What is known is kept. Items may settle, or be asked about again, as soon as you save.</p></div>
      <label>Name<input class="wide-choice" name="name" required maxlength="200" .value=${rules.name} /></label>
      <label>Policy<select class="wide-choice" name="policy" @change=${(event: Event) => (this.policy = (event.target as HTMLSelectElement).value)}>${POLICIES.map(([name, says]) => html`<option value=${name} ?selected=${name === this.policy}>${says}</option>`)}</select></label>
      ${repeat(this.fields, ({ name }) => name, (field) => html`<label>${field.says}<input type="number" name=${field.name} min=${field.min} max=${field.max} step=${field.step ?? 1} ?required=${!field.empty} .value=${shown(rules[field.name], field.percent)} /><span class="soft small">${field.under}</span>${this.wrong[field.name] ? html`<span class="error small" role="alert">${this.wrong[field.name]?.join(" ")}</span>` : nothing}</label>`)}
      <fieldset><legend>Price</legend><input type="number" name="price" aria-label="Price" min="0" max="1000000" step="any" .value=${shown(rules.price)} placeholder="none" /><input name="currency" aria-label="Currency" maxlength="8" placeholder="EUR" .value=${rules.currency} /><select name="price_per" aria-label="Price of"><option value="hour" ?selected=${rules.price_per === "hour"}>an hour</option><option value="look" ?selected=${rules.price_per === "look"}>a look</option></select></fieldset>
      ${this.trouble ? html`<p class="notice bad small" role="alert">${this.trouble}</p>` : nothing}
      ${this.foreseen ? this.renderForeseen(this.foreseen) : nothing}
      <div class="row acts"><button type="button" id="foresee" ?disabled=${this.busy} @click=${this.foresee}>What would change?</button><span class="grow"></span><button type="button" @click=${() => this.dialog.close()}>Leave as it is</button><button class="primary" id="save-rules" ?disabled=${this.busy}>${this.busy ? "Judging all items anew…" : "Save"}</button></div></form>`;
  }
}

function shown(value: number | null, percent = false): string {
  if (value === null) return "";
  return String(percent ? Number((value * 100).toFixed(4)) : value);
}
