/** <people-agreement>: Krippendorff's alpha, the classes with the least first: there a guideline may be missing. */
import { html, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { count, plural } from "../numbers";
import { named as withIcon, shared } from "../shared";
import { named, Part, part } from "./progress";

const LEAST_AGREED = 6;

@customElement("people-agreement")
export class PeopleAgreement extends Part {
  static override styles = [shared, part];

  @state() private all = false;

  override render(): TemplateResult {
    const { agreement, by_label } = this.progress;
    const known = by_label.filter((row) => row.alpha !== null).sort((a, b) => (a.alpha ?? 0) - (b.alpha ?? 0));
    if (agreement.alpha === null) return html`${this.head("How far people agree")}<p class="soft small">Known once two people have looked at the same items and somebody flagged one.</p>`;
    const shown = this.all ? known : known.slice(0, LEAST_AGREED);
    return html`${this.head("How far people agree", "labels")}<p class="soft small">Krippendorff’s alpha: 1 where all say the same, 0 where it is as if by chance. The classes that people agree on least come first. Where the evidence asks for second looks, they go to what is in doubt, where people agree less than elsewhere: compare classes with each other.</p>
      <table class="small"><thead><tr><th scope="col">Class</th><th scope="col" class="num">Alpha</th></tr></thead><tbody>
      <tr><th scope="row">All classes</th><td class="num">${agreement.alpha.toFixed(2)}</td></tr>
      ${shown.map((row) => html`<tr data-label=${row.label}><td>${withIcon(named(row), row.label, 18)}</td><td class="num">${row.alpha?.toFixed(2)}</td></tr>`)}</tbody></table>
      ${by_label.length > known.length ? html`<p class="soft small">Not known yet for ${plural(by_label.length - known.length, "class", "classes")}.</p>` : ""}
      ${known.length > shown.length ? html`<p><button class="plain" @click=${() => (this.all = true)}>Show all ${count(known.length)}</button></p>` : ""}`;
  }
}
