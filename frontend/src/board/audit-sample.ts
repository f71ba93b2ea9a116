/** <audit-sample>: what a random sample says, by people alone, whatever the ranking thinks; and where it disproves that. */
import { html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { count, percent, plural, range, UNKNOWN } from "../numbers";
import { shared } from "../shared";
import { Part, part, type Estimate, type SecondLooks, type Trouble } from "./progress";

const TROUBLES = 4;

@customElement("audit-sample")
export class AuditSample extends Part {
  static override styles = [shared, part];

  override render(): TemplateResult {
    const { audit, prior_trouble: trouble } = this.progress;
    const name = (label: string | null) => (label === null ? "All classes" : (this.labels.get(label)?.readable_name ?? label));
    return html`${this.head("What a random sample says")}${audit ? html`<table class="small"><tbody>
        <tr><td>${audit.second_looks ? "looked at" : "looked at by two people"} <span class="soft">of ${count(audit.sample)} drawn</span></td><td class="num">${count(audit.done)}</td></tr>
        ${line("labels that were wrong", audit.before)} ${audit.left ? line("wrong labels that are left", audit.left) : nothing}
        ${audit.second_looks ? secondLooks(audit.second_looks) : nothing}</tbody></table>
        ${audit.second_looks ? html`<p class="soft small">Of the ${plural(audit.second_looks.looked, "item")} looked at, by planted errors and by second looks. One person errs alike twice: what they always mistake, only somebody else would see.</p>` : nothing}` : nothing}
      ${trouble.slice(0, TROUBLES).map((one) => html`<p class="notice small">${troubleSaid(one, name(one.label))}</p>`)}
      ${trouble.length > TROUBLES ? html`<p class="small soft">and ${count(trouble.length - TROUBLES)} more</p>` : nothing}`;
  }
}

function line(says: string, rate: Estimate | null): TemplateResult {
  return html`<tr><td>${says}</td><td class="num">${rate ? html`${percent(rate[0])} <span class="soft">${range([rate[1], rate[2]])}</span>` : UNKNOWN}</td></tr>`;
}

function secondLooks(said: SecondLooks): TemplateResult {
  const again = (says: string, [n, of]: [number, number]) => html`<tr><td>${says} <span class="soft">of ${count(of)}</span></td><td class="num">${of ? count(n) : UNKNOWN}</td></tr>`;
  return html`${line("of them overlooked", said.missed)} ${line("of them mended though right", said.mistaken)}
    ${again("flagged again when asked again", said.repeated)} ${again("left again when asked again", said.left)}`;
}

function troubleSaid({ kind, items, expected, found, low, high }: Trouble, where: string): string {
  const share = `${percent(found)} (${range([low, high])})`;
  if (kind === "calm") return `${where}: of ${plural(items, "item")} that suspicion calls clean ${share} are wrong, ${percent(expected)} were promised. All of this class are looked at.`;
  if (kind === "blind") return `${where}: of ${plural(items, "suspect")} only ${share} are wrong, suspicion said ${percent(expected)}; so what it calls clean is not believed either. All of this class are looked at.`;
  if (kind === "unproven") return `${where}: the sample cannot prove what suspicion calls clean; up to ${percent(high)} may be wrong. Everything is looked at.`;
  return `${where}: of ${plural(items, "suspect")} ${share} are wrong, suspicion said ${percent(expected)}. It is corrected for that.`;
}
