/** <label-changes dataset lead>: classes called otherwise, merged or added. A lead does it, a supervisor proposes it. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { all, call } from "./api";
import { Doing } from "./doing";
import { when } from "./numbers";
import { OfDataset } from "./of-dataset";
import { shared } from "./shared";

type Kind = "rename" | "merge" | "alias" | "add";
interface Change {
  id: number;
  kind: Kind;
  state: "proposed" | "done" | "declined" | "undone";
  label: string | null;
  into: string | null;
  name: string;
  old_name: string;
  note: string;
  by: string;
  at: string;
  decided_by: string | null;
}
const KINDS: [Kind, string][] = [["rename", "Call it otherwise"], ["merge", "Make it a part of another class"], ["alias", "Know it by one more name"], ["add", "Add a class"]];
const NAMES: Record<Kind, string> = { rename: "New name in the data", merge: "", alias: "Further name", add: "Name in the data" };
const HINTS: Record<Kind, string> = {
  rename: "Exports carry the new name; files and scripts that say the old one are still understood.",
  merge: "Its items become the other’s, each as a change that can be taken back. Not while a campaign reviews either.",
  alias: "Files of predictions, lists of classes and scripts may say it so, too.",
  add: "It can be given to items at once: at the desk, and by reviewers.",
};
const SHOWN = 20;

@customElement("label-changes")
export class LabelChanges extends OfDataset {
  static override styles = [
    shared,
    css`
      form { display: grid; gap: 10px; margin-top: 10px; } label { display: grid; gap: 3px; font-size: 13px; } summary { cursor: pointer; }
      ul { list-style: none; margin: 0; padding: 0; } li { display: flex; gap: 8px; align-items: baseline; flex-wrap: wrap; padding: 6px 0; border-top: 1px solid var(--line); } li > span { flex: 1 1 200px; min-width: 0; overflow-wrap: anywhere; } h3 { font-size: 13px; margin: 12px 0 4px; }
    `,
  ];

  /** Only leads decide. */
  @property({ type: Boolean }) lead = false;
  @state() private changes: Change[] = [];
  @state() private kind: Kind = "rename";
  private readonly doing = new Doing(this);

  protected override async look(): Promise<void> {
    try {
      this.changes = (await all<Change>(`/api/datasets/${this.of}/label-changes/`, 200)).results;
    } catch (error) {
      this.doing.say((error as Error).message);
    }
  }

  /** Classes are shown all over the page: it is loaded again with them. */
  private decide(change: Change, verb: "accept" | "decline" | "undo"): void {
    void this.doing.act(async () => {
      const decided = await call<Change>("POST", `/api/label-changes/${change.id}/${verb}/`);
      if (verb !== "decline") location.reload();
      this.changes = this.changes.map((one) => (one.id === decided.id ? decided : one));
    }, verb === "undo" ? "Not taken back" : "Not decided");
  }

  private send(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
    void this.doing.act(async () => {
      const made = await call<Change>("POST", `/api/datasets/${this.of}/label-changes/`, given);
      if (made.state === "done") location.reload();
      this.changes = [made, ...this.changes];
      form.reset();
      this.kind = "rename";
    }, this.lead ? "Not done" : "Not proposed");
  }

  override render(): TemplateResult {
    const open = this.changes.filter(({ state }) => state === "proposed");
    const past = this.changes.filter(({ state }) => state !== "proposed").slice(0, SHOWN);
    return html`${open.length ? html`<div id="proposed-changes"><h3>Proposed</h3><ul>${open.map((one) => this.line(one))}</ul></div>` : nothing}
      <details id="change-classes"><summary class="small">Rename, merge or add classes</summary>${this.renderForm()}
      ${past.length ? html`<h3>Earlier</h3><ul>${past.map((one) => this.line(one))}</ul>` : nothing}</details>
      ${this.doing.trouble ? html`<p class="notice bad small" role="alert">${this.doing.trouble}</p>` : nothing}`;
  }

  private renderForm(): TemplateResult {
    const { kind } = this;
    const choice = (name: string, says: string) => html`<label>${says}<input name=${name} list="classes" required autocomplete="off" placeholder="its name in the data" /></label>`;
    return html`<form @submit=${this.send}><label>What is to be done<select name="kind" @change=${(event: Event) => (this.kind = (event.target as HTMLSelectElement).value as Kind)}>${KINDS.map(([value, says]) => html`<option value=${value} ?selected=${value === kind}>${says}</option>`)}</select></label>
      ${kind === "add" ? nothing : choice("label", "Class")}
      ${kind === "merge" ? choice("into", "Becomes a part of") : html`<label>${NAMES[kind]}<input name="name" required maxlength="300" autocomplete="off" /></label>`}
      <label>Why<input name="note" maxlength="1000" placeholder="for whoever reads it later; may be left out" /></label>
      <datalist id="classes">${[...this.labels.values()].map(({ name, readable_name }) => html`<option value=${name}>${readable_name}</option>`)}</datalist>
      <p class="small soft">${HINTS[kind]}${this.lead ? "" : " A lead decides."}</p><div><button id="change-class" ?disabled=${this.doing.busy}>${this.lead ? "Do it" : "Propose it"}</button></div></form>`;
  }

  private line(change: Change): TemplateResult {
    const { state, by, at, decided_by, note } = change;
    return html`<li data-change=${change.id}><span>${said(change)}${note ? html` <span class="soft">“${note}”</span>` : nothing} <span class="small soft">${by}, ${when(at)}${state === "declined" ? `; declined by ${decided_by}` : state === "undone" ? `; taken back by ${decided_by}` : ""}</span></span>
      ${this.lead && state === "proposed" ? html`<button class="primary" ?disabled=${this.doing.busy} @click=${() => this.decide(change, "accept")}>Do it</button><button ?disabled=${this.doing.busy} @click=${() => this.decide(change, "decline")}>Decline</button>` : nothing}
      ${this.lead && state === "done" && change.kind !== "add" ? html`<button class="plain small" ?disabled=${this.doing.busy} @click=${() => this.decide(change, "undo")}>Take back</button>` : nothing}</li>`;
  }
}

function said({ kind, label, into, name, old_name, state }: Change): TemplateResult {
  const done = state === "done" || state === "undone";
  if (kind === "merge") return html`${label} a part of ${into}`;
  if (kind === "add") return html`New class ${name}`;
  if (kind === "alias") return html`${label} also known as ${name}`;
  return html`${done ? old_name : label} called ${name}`;
}
