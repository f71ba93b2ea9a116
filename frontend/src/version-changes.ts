/** <version-changes dataset revision>: what changed in a dataset between two versions, as a grid of before and after. The
 * versions lie in the address. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { get, type Page } from "./api";
import { count, plural, when } from "./numbers";
import { OfDataset } from "./of-dataset";
import { named, shared } from "./shared";

interface Change {
  number: number;
  item: number;
  key: string;
  field: "label" | "removed" | "box";
  old: unknown;
  new: unknown;
  cause: string;
  by: string | null;
  at: string;
  crop: string;
}
interface LabelLine {
  number: number;
  label: string;
  field: "name" | "aliases" | "merged";
  old: unknown;
  new: unknown;
  by: string | null;
  at: string;
}
interface Counts {
  labels: LabelLine[];
  since: number;
  until: number;
  relabelled: number;
  removed: number;
  taken_back: number;
  redrawn: number;
}

@customElement("version-changes")
export class VersionChanges extends OfDataset {
  static override styles = [
    shared,
    css`
      form { display: flex; gap: 8px 12px; align-items: end; flex-wrap: wrap; margin-bottom: 14px; } label { display: grid; gap: 3px; font-size: 12px; color: var(--soft); } input { width: 130px; }
      .field { display: grid; grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); gap: 16px 12px; } .field a { text-decoration: none; color: inherit; min-width: 0; } .field img.crop { width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 8px; background: var(--line); display: block; } .gone img.crop { opacity: .4; }
      .what { display: grid; gap: 2px; padding-top: 6px; font-size: 12px; overflow-wrap: anywhere; } .old { color: var(--soft); text-decoration: line-through; } h1 { margin-bottom: 10px; }
      @media (max-width: 700px) { .field { grid-template-columns: repeat(auto-fill, minmax(96px, 1fr)); } }
    `,
  ];

  @property({ type: Number }) revision = 0;
  @state() private changes: Change[] | null = null;
  @state() private counts: Counts | null = null;
  @state() private next: string | null = null;
  @state() private busy = false;
  @state() private trouble = "";

  private get asked(): URLSearchParams {
    const given = new URLSearchParams(location.search);
    return new URLSearchParams(["since", "until"].flatMap((name) => (given.get(name) ? [[name, given.get(name)!]] : [])));
  }

  protected override async look(following: string | null = null): Promise<void> {
    this.busy = true;
    this.trouble = "";
    try {
      const url = `/api/datasets/${this.of}/changes/`;
      const [page, counts] = await Promise.all([get<Page<Change>>(following ?? `${url}?${this.asked}`), get<Counts>(`${url}counts/?${this.asked}`)]);
      this.changes = [...(following ? (this.changes ?? []) : []), ...page.results];
      this.counts = counts;
      this.next = page.next && page.next.replace(/^https?:\/\/[^/]+/, "");
    } catch (error) {
      this.trouble = (error as Error).message;
    } finally {
      this.busy = false;
    }
  }

  private choose(event: Event): void {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const asked = new URLSearchParams(["since", "until"].flatMap((name) => (given.get(name) ? [[name, String(given.get(name))]] : [])));
    history.replaceState(null, "", asked.size ? `?${asked}` : location.pathname);
    this.changes = null;
    void this.look();
  }

  override render(): TemplateResult {
    const field = (name: "since" | "until", words: string, usual: number) => html`<label>${words}<input name=${name} type="number" min="0" max=${this.revision} .value=${this.asked.get(name) ?? ""} placeholder=${String(usual)} /></label>`;
    return html`<h1>What changed</h1><form @submit=${this.choose}>${field("since", "From version", 0)}${field("until", "To version", this.revision)}<button class="primary" id="compare">Compare</button></form>
      ${this.trouble ? html`<p class="notice bad small" role="alert">${this.trouble}</p>` : nothing}
      ${this.changes && this.counts ? this.renderChanges(this.changes, this.counts) : this.trouble ? nothing : html`<p class="soft">Comparing…</p>`}`;
  }

  private renderChanges(changes: Change[], counts: Counts): TemplateResult {
    if (!changes.length && !counts.labels.length) return html`<div class="empty" id="nothing"><h2>Nothing changed</h2><p>${this.revision ? `Between version ${counts.since} and ${counts.until} every item is as it was. Compare others.` : "The dataset is as it came in: no fix was accepted yet."}</p></div>`;
    const said = [[counts.relabelled, "relabelled"], [counts.removed, "removed"], [counts.taken_back, "taken back in"], [counts.redrawn, "with another box"]] as const;
    return html`<p class="small soft" id="counts">From version ${counts.since} to ${counts.until}: ${said.filter(([n]) => n).map(([n, words]) => `${count(n)} ${words}`).join(", ") || "no item was changed"}.</p>
      ${counts.labels.length ? html`<ul class="small" id="label-lines">${counts.labels.filter(({ field }) => field !== "aliases").map((line) => html`<li>${lineOf(line)} <span class="soft">version ${line.number}, ${line.by ?? "unknown"}, ${when(line.at)}</span></li>`)}</ul>` : nothing}
      <div class="field">${changes.map((one) => html`<a href="/items/${one.item}/" data-change=${one.number} class=${one.field === "removed" && one.new ? "gone" : ""} title="${one.key}: version ${one.number}, ${one.by ?? "the consensus"}, ${when(one.at)}"><img class="crop" src="${one.crop}?size=128" alt="" loading="lazy" /><span class="what">${this.what(one)}</span></a>`)}</div>
      ${this.next ? html`<p><button id="more" ?disabled=${this.busy} @click=${() => this.look(this.next)}>More</button> <span class="small soft">${plural(changes.length, "item")} shown</span></p>` : nothing}`;
  }

  private what({ field, old, new: now }: Change): TemplateResult {
    const label = (name: unknown) => named(this.labels.get(String(name)), String(name), 16);
    if (field === "label") return html`<span class="old">${label(old)}</span><span>${label(now)}</span>`;
    if (field === "removed") return html`<span>${now ? "removed" : "taken back in"}</span>`;
    return html`<span>another box</span>`;
  }
}

function lineOf({ label, field, old, new: now }: LabelLine): string {
  if (field === "merged") return now === null ? `${label} is no longer a part of ${String(old)}` : `${label} became a part of ${String(now)}`;
  return old === null ? `${label} was added` : `${String(old)} was called ${String(now)}`;
}
