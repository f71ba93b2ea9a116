/** <desk-case>: the case in hand: what it is labelled, what it is said to be, who said what, and one key for each
 * decision. Emits `decide` with a decision and `command` with a command of the desk. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import type { Label } from "./api";
import "./box-drawer";
import type { Box } from "./box-drawer";
import { sayers, type Case, type Decision, type Vote } from "./cases";
import { deskStyles } from "./desk-styles";
import type { DeskCommand } from "./keys";
import "./label-picker";
import type { LabelPicker } from "./label-picker";
import "./near-items";
import { percent, plural } from "./numbers";
import { icon, named, shared } from "./shared";

/** What is open in the case: the photo, the box to draw, the labels to choose from. */
export type Open = "photo" | "drawing" | "picking" | null;

@customElement("desk-case")
export class DeskCase extends LitElement {
  static override styles = [shared, deskStyles];

  @property({ attribute: false }) one!: Case;
  @property({ type: Number, attribute: "dataset" }) of = 0;
  @property({ attribute: false }) labels: ReadonlyMap<string, Label> = new Map();
  @property({ attribute: false }) open: Open = null;
  /** The case whose suggestions hold for all that are taken. */
  @property({ attribute: false }) example: Case | undefined;
  /** So many cases are taken: what is decided holds for all of them. */
  @property({ type: Number }) taken = 0;
  @property({ type: Boolean }) busy = false;
  @property({ type: Boolean }) nameless = false;
  /** Another supervisor has the case before them. */
  @property() beside = "";
  @property() trouble = "";
  @query("label-picker") private picker!: LabelPicker | null;

  override updated(changed: PropertyValues<this>): void {
    if (changed.has("one") && changed.get("one")?.id !== this.one.id) this.scrollTo({ top: 0 });
    if (changed.has("open") && this.open === "picking") void this.picker?.updateComplete.then(() => this.picker?.focus());
  }

  private decide(detail: Decision): void {
    this.dispatchEvent(new CustomEvent("decide", { detail }));
  }

  private run(detail: DeskCommand): void {
    this.dispatchEvent(new CustomEvent("command", { detail }));
  }

  private readable(name: string): string {
    return this.labels.get(name)?.readable_name ?? name;
  }

  override render(): TemplateResult {
    const { one } = this;
    return html`<div class="big">${this.renderPicture(one)}</div>
      ${one.mine ? html`<p class="mine small" id="mine">You flagged this yourself: look twice.</p>` : nothing}
      ${this.beside ? html`<p class="beside small" id="beside">${this.beside} has this before them too.</p>` : nothing}
      ${this.renderPair(one)}
      <near-items .item=${one.item.id} .of=${this.of} .label=${one.item.label} .labels=${this.labels}></near-items>
      ${this.renderVotes(one)}
      <p class="small soft story"><a href="/items/${one.item.id}/" title="All that happened to it">${one.item.key}</a>${Object.entries(one.item.attributes).map(([name, value]) => html` · ${name} ${value}`)}</p>
      <div class="answers ${this.open === "drawing" ? "aside" : ""}">${this.trouble ? html`<p class="notice bad small" role="alert">${this.trouble}</p>` : nothing}
      ${this.renderActs(this.example ?? one)}</div>`;
  }

  private renderPicture(one: Case): TemplateResult {
    if (this.open === "drawing") return html`<box-drawer id="box-drawer" .src=${one.item.context} .image=${one.image} @box=${(event: CustomEvent<Box>) => this.decide({ action: "redraw", box: event.detail })}></box-drawer><p class="small soft">Drag the right box on the photo.<span class="by-key"> <kbd>Esc</kbd> leaves it.</span></p>`;
    const photo = this.open === "photo";
    const turn = html`<button class="turn" id="photo" @click=${() => this.run("photo")}>${photo ? "Crop" : "Whole photo"} <kbd>F</kbd></button>`;
    return photo ? html`<img class="whole" src=${one.item.context} alt="The whole photo, with a box around the item" />${turn}` : html`<img class="crop" src="${one.item.crop}?size=320" alt="The item" />${turn}`;
  }

  private renderPair(one: Case): TemplateResult {
    const proposed = one.proposal;
    const words = proposed?.action === "remove" ? "Not an object" : proposed?.action === "redraw" ? "The box is bad" : "No label was named";
    return html`<div class="pair"><div><div class="small soft">It is labelled</div>${this.renderLabel(one.item.label)}</div>
      <div>${proposed?.label ? html`<div class="small soft">${sayers(one.votes, proposed.label)} · wrong: ${percent(one.probability)}</div>${this.renderLabel(proposed.label)}`
        : html`<div class="small soft">Wrong: ${percent(one.probability)}</div><b>${words}</b>`}</div></div>`;
  }

  private renderLabel(name: string): TemplateResult {
    const label = this.labels.get(name);
    return html`<b>${named(label, name, 24)}</b><div class="ex">${(label?.exemplars ?? []).slice(0, 3).map((url) => html`<img src=${url} alt="a typical ${this.readable(name)}" />`)}</div>`;
  }

  private renderVotes(one: Case): TemplateResult {
    if (!one.votes.length) return html`<p class="small soft">Nobody has looked at it yet; the ranking holds its label for wrong.</p>`;
    return html`<table class="votes small"><tbody>${one.votes.map((vote, n) => html`<tr><td class="who" title=${this.nameless ? "" : vote.reviewer}>${this.nameless ? `Person ${n + 1}` : vote.reviewer}</td><td class="said ${vote.reason ? "f" : ""}">${said(vote)}</td>
      <td>${vote.label ? named(this.labels.get(vote.label), vote.label, 18) : nothing} ${vote.comment ? html`<div class="soft">“${vote.comment}”</div>` : nothing}</td><td class="num soft">${quality(vote)}</td></tr>`)}</tbody></table>
      <button class="plain small" id="names" @click=${() => this.run("names")}>${this.nameless ? "Show names" : "Hide names"} <kbd>W</kbd></button>`;
  }

  private renderActs(one: Case): TemplateResult {
    const proposed = one.proposal;
    const many = this.taken > 1;
    const it = many ? `all ${this.taken}` : "it";
    // Where the votes rather clear it, the first thing to do is to leave it.
    const likely = (one.probability ?? 1) >= 0.5;
    const others = one.candidates.filter(({ label }) => label !== proposed?.label && label !== one.item.label && (worth(one, label) || !proposed)).slice(0, 3);
    const act = (id: string, word: string, key: string, command: DeskCommand, primary = false) => html`<button id="act-${id}" class=${primary ? "primary" : ""} ?disabled=${this.busy} @click=${() => this.run(command)}><span>${word}</span><kbd>${key}</kbd></button>`;
    return html`${many ? html`<p class="small" id="taken"><b>${plural(this.taken, "case")} taken.</b> What you decide holds for all of them.</p>` : nothing}
      <div class="acts">
      ${proposed?.label ? act("suggested", `Make ${it} ${this.readable(proposed.label)}`, "1", "suggested", likely) : nothing}
      ${act("clean", many ? "Leave all as they are" : "Leave as is", "0", "clean", !likely)}
      ${others.map(({ label, probability }) => html`<button data-label=${label} ?disabled=${this.busy} @click=${() => this.decide({ action: "relabel", label })}>${icon(this.labels.get(label), 16)} ${this.readable(label)} <span class="soft">${percent(probability)}</span></button>`)}
      ${this.open === "picking" ? html`<label-picker .labels=${this.labels} .except=${one.item.label} .first=${one.candidates.map(({ label }) => label)} placeholder="The right label…"
          @pick=${(event: CustomEvent<string>) => this.decide({ action: "relabel", label: event.detail })} @leave=${() => this.run("close")}></label-picker>`
        : act("label", "Another label…", "L", "label", likely && !proposed)}
      ${act("remove", `Remove ${it}`, proposed?.action === "remove" ? "1" : "X", "remove", likely && proposed?.action === "remove")}
      ${many ? nothing : act("redraw", "Redraw the box", proposed?.action === "redraw" ? "1" : "B", "redraw", likely && proposed?.action === "redraw")}
      ${act("unclear", "Unclear", "U", "unclear")}
      ${act("again", "Ask two more", "M", "again")}</div>`;
  }
}

/** A candidate is worth a button where it is not as good as ruled out. */
function worth(one: Case, label: string): boolean {
  return one.votes.some((vote) => vote.label === label) || one.candidates.some((found) => found.label === label && found.probability >= 0.01);
}

function said({ reason }: Vote): string {
  const words: Record<Vote["reason"], string> = { "": "left as is", wrong_label: "wrong label", not_an_object: "no object", bad_box: "bad box", cant_tell: "can’t tell", no_label: "no label fits", other: "other" };
  return words[reason];
}

/** What is worth knowing of a voter: of one who flagged, how many right labels they spare; of one who did not, how many wrong ones they find. */
function quality(vote: Vote): string {
  return vote.reason ? `spares ${percent(vote.specificity)}` : `finds ${percent(vote.sensitivity)}`;
}
