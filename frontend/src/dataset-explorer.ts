/** <dataset-explorer dataset>: any slice of a dataset as one field of tiles; what lies beside it, and the tile in hand. */
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { ApiError, call, labelsOf, type Label } from "./api";
import { explained, commandOf, pressing, writing } from "./keys";
import { EXPLORE_KEYS, STEP_KEYS, type ExploreCommand } from "./explore-keys";
import { exploreStyles } from "./explore-styles";
import { Details, type Item } from "./item-details";
import "./item-facts";
import { count, percent, plural } from "./numbers";
import "./photo-view";
import type { PhotoView } from "./photo-view";
import { icon, shared } from "./shared";
import { addressOf, changed, formOf, placeOf, queryOf, said, STATES, SUSPECTED, type Change, type Field, type Place, type Slice } from "./slice";
import "./slice-filter";
import type { SliceFilter } from "./slice-filter";
import { LARGEST, SMALLEST } from "./tile-size";
import "./tile-wall";
import type { TileWall } from "./tile-wall";
import { View } from "./view";

/** What a column shows: null while it is not known, `said` where there is nothing to show and why. */
interface Column {
  url: string;
  ids: readonly number[] | null;
  count: number;
  said: string;
  /** Asking again may help. */
  again: boolean;
  busy: boolean;
}
type Side = 0 | 1;
const EMPTY: Column = { url: "", ids: null, count: 0, said: "", again: false, busy: false };
const GLIMPSE = 4000;
const RANKED: readonly Field[] = ["predicted", "suspicion_min", "suspicion_max"];
const UNRANKED = "Suspicion and what an item is taken for are known once the dataset is ranked, and it is not yet.";

/** The second name without what both begin with, where that is two words or more: of speed limits the number alone. */
function unlike(one: string, other: string): string {
  const [before, words] = [one.split(" "), other.split(" ")];
  const first = words.findIndex((word, at) => word !== before[at]);
  return words.slice(first > 1 ? first : 0).join(" ");
}

@customElement("dataset-explorer")
export class DatasetExplorer extends LitElement {
  static override styles = [shared, exploreStyles];

  @property({ type: Number, attribute: "dataset" }) of = 0;
  @property({ type: Boolean }) lead = false;
  @property({ type: Boolean }) ranked = false;
  @state() private place: Place = placeOf(location.search);
  @state() private columns: [Column, Column] = [EMPTY, EMPTY];
  @state() private labels = new Map<string, Label>();
  @state() private inHand: number | null = null;
  @state() private facts = false;
  @state() private photo = false;
  @state() private toast = "";
  @query("slice-filter") private filter!: SliceFilter;
  @query("#dialog-photo") private opened!: HTMLDialogElement | null;
  @query("#dialog-keys") private help!: HTMLDialogElement;
  @query("photo-view") private viewer!: PhotoView | null;
  private details!: Details;
  private view = new View();
  private asking: [AbortController, AbortController] = [new AbortController(), new AbortController()];
  private side: Side = 0;
  private from = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.details = new Details(this.of);
    this.from = wasAt();
    void labelsOf(this.of).then((labels) => (this.labels = labels), (error: Error) => this.tell(error.message)).then(() => this.describeAll());
    this.fetch();
    addEventListener("popstate", this.back);
    addEventListener("keydown", this.key);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const asking of this.asking) asking.abort();
    removeEventListener("popstate", this.back);
    removeEventListener("keydown", this.key);
  }

  // What is shown

  private go(change: Change): void {
    const place = changed(this.place, change);
    if (addressOf(place) === addressOf(this.place)) return;
    history.pushState(null, "", location.pathname + addressOf(place));
    this.from = 0;
    this.place = place;
    this.fetch();
  }

  private back = (): void => {
    this.from = wasAt();
    this.place = placeOf(location.search);
    this.fetch();
  };

  private sliceUrl(slice: Slice): string {
    return `/api/datasets/${this.of}/slice/?${queryOf(slice)}`;
  }

  private fetch(): void {
    const { slice, beside, like, near } = this.place;
    const other = like !== null ? `/api/items/${like}/alike/#${near}` : beside ? this.sliceUrl({ ...slice, label: beside }) : "";
    void this.fill(0, this.sliceUrl(slice));
    void this.fill(1, other);
    if (like !== null) void this.know([like]);
  }

  /** Fetch a column, unless it shows that already. */
  private async fill(side: Side, url: string): Promise<void> {
    const before = this.columns[side];
    if (before.url === url) return;
    this.asking[side].abort();
    const { signal } = (this.asking[side] = new AbortController());
    this.put(side, url ? { ...before, url, busy: true } : EMPTY);
    if (!url) return;
    try {
      const found = await this.found(url, signal);
      if (!signal.aborted) this.put(side, { ...EMPTY, ...found, url });
    } catch (error) {
      const { status, message, passing: again } = error as ApiError;
      if (!signal.aborted) this.put(side, { ...EMPTY, url: `${url} failed`, ids: [], again, said: status === 404 ? "There is no such item here." : message });
    }
    if (side === 0 && !signal.aborted) this.begin();
  }

  private async found(url: string, signal: AbortSignal): Promise<Partial<Column>> {
    const answer = await call<{ ids: number[]; count: number } & { in_label: number[]; in_any: number[]; said: string }>("GET", url.replace(/#.*/, ""), undefined, { signal });
    if (answer.ids) return answer;
    const ids = url.endsWith("#label") ? answer.in_label : answer.in_any;
    return { ids, count: ids.length, said: answer.said };
  }

  private put(side: Side, column: Column): void {
    this.columns = side === 0 ? [column, this.columns[1]] : [this.columns[0], column];
  }

  /** Keys go to the field where nobody has gone elsewhere yet. */
  private begin(): void {
    void this.updateComplete.then(() => this.wall(0)?.updateComplete).then(() => document.activeElement === document.body && this.wall(0)?.focus());
  }

  private wall(side: Side): TileWall | null {
    return this.renderRoot.querySelector<TileWall>(`#wall-${side}`);
  }

  // The tile in hand

  private get item(): Item | null {
    return (this.inHand !== null && this.details.get(this.inHand)) || null;
  }

  private async know(ids: readonly number[]): Promise<void> {
    await this.details.need(ids).catch((error: Error) => this.tell(error.message));
    this.describeAll();
    this.requestUpdate();
  }

  /** What is in view is made known; and where one is, to whoever comes back here. */
  private rested(side: Side, ids: readonly number[]): void {
    void this.know(ids);
    if (side === 0) history.replaceState({ at: this.wall(0)?.first ?? 0 }, "");
  }

  private describeAll(): void {
    for (const wall of this.renderRoot.querySelectorAll<TileWall>("tile-wall")) wall.describeAll();
  }

  private describe = (id: number): string => {
    const item = this.details.get(id);
    if (!item) return "";
    const doubt = item.suspicion === null ? "" : `, suspicion ${percent(item.suspicion)}`;
    const other = item.predicted && item.predicted !== item.label ? `, taken for ${this.readable(item.predicted)}` : "";
    const state = item.state ? `, ${(STATES[item.state as keyof typeof STATES] ?? item.state).toLowerCase()}` : "";
    return `labelled ${this.readable(item.label)}${other}${doubt}${state}`;
  };

  /** What a tile is labelled, where that differs from tile to tile, and what it rather is, where it is suspected. */
  private caption = (id: number): readonly [string, string] => {
    const item = this.details.get(id);
    if (!item) return ["", ""];
    const own = this.readable(item.label);
    const other = (item.suspicion ?? 0) >= SUSPECTED ? (item.suggestions[0]?.label ?? item.predicted) : null;
    return [this.place.slice.label && this.place.like === null ? "" : own, other ? unlike(own, this.readable(other)) : ""];
  };

  private readable = (name: string): string => this.labels.get(name)?.readable_name ?? name;

  private stand(side: Side, id: number): void {
    this.side = side;
    this.requestUpdate();
    if (id === this.inHand) return;
    this.inHand = id;
    if (!this.item) void this.know([id]);
  }

  private openPhoto(): void {
    if (this.inHand === null) return;
    this.photo = true;
    void this.updateComplete.then(() => this.opened?.showModal());
  }

  private closed = (): void => {
    this.photo = false;
    this.wall(this.side)?.focus();
  };

  private tell(text: string): void {
    this.toast = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.toast = ""), GLIMPSE);
  }

  // Keys

  private key = (event: KeyboardEvent): void => {
    if (this.photo || this.help.open || writing(event) || pressing(event)) return;
    const command = commandOf(EXPLORE_KEYS, event);
    if (!command || (event.repeat && command !== "larger" && command !== "smaller")) return;
    event.preventDefault();
    this.run(command);
  };

  private photoKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.toLowerCase() === "f") this.opened?.close();
    else if (!pressing(event) && this.viewer?.press(event)) event.preventDefault();
  };

  private run(command: ExploreCommand): void {
    const commands: Record<ExploreCommand, () => void> = {
      photo: () => this.openPhoto(),
      like: () => this.inHand !== null && this.go({ like: this.place.like === this.inHand ? null : this.inHand }),
      larger: () => this.view.resize(1),
      smaller: () => this.view.resize(-1),
      whole: () => this.view.toggle("whole"),
      search: () => this.filter.search(),
      close: () => (this.facts = false),
      help: () => this.help.showModal(),
    };
    commands[command]();
    this.requestUpdate();
  }

  // What is seen

  override render(): TemplateResult {
    const two = this.columns[1].url !== "";
    return html`<div class="top"><slice-filter .place=${this.place} .labels=${this.labels} @change-place=${(event: CustomEvent<Change>) => this.go(event.detail)}></slice-filter></div>
      <div class="body"><div class="columns">${this.renderColumn(0, this.renderTitle())} ${two ? this.renderColumn(1, this.place.like === null ? this.renderBeside() : this.renderLike(this.place.like)) : nothing}</div>
        <section class="hand ${this.facts ? "" : "away"}" aria-label="The tile in hand"><item-facts .item=${this.item} .labels=${this.labels} ?pinned=${this.inHand !== null && this.inHand === this.place.like}
          @photo=${() => this.openPhoto()} @like=${() => this.run("like")} @leave=${() => (this.facts = false)}></item-facts></section></div>
      ${this.renderFoot()}
      ${this.photo ? this.renderPhoto() : nothing}
      <dialog id="dialog-keys"><h1>Keys</h1><dl class="keys small">${[...explained(STEP_KEYS), ...explained(EXPLORE_KEYS)].map(({ shown, help }) => html`<dt><kbd>${shown}</kbd></dt><dd>${help}</dd>`)}</dl><form method="dialog" class="row"><span class="grow"></span><button autofocus>Close</button></form></dialog>
      <div class="aside-only" aria-live="polite">${this.toast}</div>${this.toast ? html`<div class="toast" aria-hidden="true">${this.toast}</div>` : nothing}`;
  }

  private renderColumn(side: Side, title: TemplateResult): TemplateResult {
    const column = this.columns[side];
    return html`<section class="column ${column.busy ? "busy" : ""}" id="column-${side}" aria-busy=${column.busy}><div class="title">${title}</div>
      ${column.ids === null ? html`<p class="empty" role="status">Laying the items out…</p>` : column.ids.length ? this.renderWall(side, column.ids) : this.renderNothing(side, column)}</section>`;
  }

  private renderWall(side: Side, ids: readonly number[]): TemplateResult {
    const name = side === 0 ? this.titleOf() : this.place.like === null ? this.readable(this.place.beside) : "Most like the pinned item";
    return html`<tile-wall id="wall-${side}" dataset=${this.of} .ids=${ids} .tile=${this.view.tile} .from=${side === 0 ? this.from : 0} .pinned=${this.place.like} .describe=${this.describe} .caption=${this.caption} name=${name} ?whole=${this.view.has("whole")} ?held=${this.inHand !== null && this.side === side}
      @here=${(event: CustomEvent<number>) => this.stand(side, event.detail)} @chosen=${() => (this.facts = true)} @opened=${() => this.openPhoto()}
      @near=${(event: CustomEvent<number[]>) => this.rested(side, event.detail)} @trouble=${(event: CustomEvent<string>) => this.tell(event.detail)}></tile-wall>`;
  }

  private titleOf(): string {
    return this.place.slice.label ? this.readable(this.place.slice.label) : "All labels";
  }

  private renderTitle(): TemplateResult {
    const { slice } = this.place;
    const form = this.lead && this.columns[0].count ? formOf(slice) : null;
    return html`${icon(this.labels.get(slice.label ?? ""), 26)}<h1>${this.titleOf()}</h1>${this.renderCount(0)}<span class="grow"></span>
      ${form === null ? nothing : html`<a class="button small" id="review-these" href="/datasets/${this.of}/${form}">Review these…</a>`}`;
  }

  private renderCount(side: Side): TemplateResult {
    const { ids, count: all, busy } = this.columns[side];
    const shown = ids?.length ?? 0;
    return html`<span class="small soft" id="count-${side}" role="status">${ids === null || busy ? "…" : shown < all ? `the first ${count(shown)} of ${count(all)} items` : plural(all, "item")}</span>`;
  }

  private renderBeside(): TemplateResult {
    const { beside } = this.place;
    return html`${icon(this.labels.get(beside), 26)}<h2>${this.readable(beside)}</h2>${this.renderCount(1)}<span class="grow"></span>
      <button class="plain" id="close-beside" aria-label="Close ${this.readable(beside)}" title="Close" @click=${() => this.go({ beside: "" })}>×</button>`;
  }

  private renderLike(like: number): TemplateResult {
    const { near } = this.place;
    const choice = (which: Place["near"], words: string): TemplateResult => html`<button id="near-${which}" aria-pressed=${near === which} @click=${() => this.go({ near: which })}>${words}</button>`;
    return html`<img class="pin" src="/api/items/${like}/crop/?size=128" alt="The pinned item" /><h2>Most like it</h2>
      <span class="segments" role="group" aria-label="Of which labels">${choice("any", "any label")}${choice("label", "its own")}</span>
      ${this.renderCount(1)}<span class="grow"></span><button class="plain" id="unpin" aria-label="Unpin" title="Unpin" @click=${() => this.go({ like: null })}>×</button>`;
  }

  private renderNothing(side: Side, column: Column): TemplateResult {
    if (side === 1) return html`<div class="empty" id="nothing-1"><h2>Nothing here</h2><p>${column.said || (this.place.like === null ? "No item of this label fits what is asked for above." : "No other item of its label is known.")}</p></div>`;
    const chosen = said(this.place.slice, this.readable);
    const again = column.again ? html`<button id="again" @click=${() => this.fetch()}>Try again</button>` : nothing;
    return html`<div class="empty" id="nothing-0"><h2>${column.said ? "That did not work" : chosen.length ? "No item fits" : "No items yet"}</h2>
      <p>${column.said || (chosen.length ? `Nothing is ${chosen.map(({ words }) => words).join(", ")}. Take one of these away:` : "They are here once the import is done.")}</p>
      ${!this.ranked && chosen.some(({ field }) => RANKED.includes(field)) ? html`<p class="small">${UNRANKED}</p>` : nothing}
      <div class="row">${chosen.map(({ field, words }) => html`<button data-field=${field} @click=${() => this.go({ [field]: "" })}>${words} ×</button>`)}${again}
        ${chosen.length || this.place.slice.ordering ? html`<button class="primary" id="show-all" @click=${() => this.go({ ...Object.fromEntries(chosen.map(({ field }) => [field, ""])), ordering: "" })}>Show all items</button>` : nothing}</div></div>`;
  }

  private renderFoot(): TemplateResult {
    const whole = this.view.has("whole");
    const slide = (event: Event): void => {
      this.view.resizeTo(Number((event.target as HTMLInputElement).value));
      this.requestUpdate();
    };
    return html`<div class="foot"><span class="hint small soft"><kbd>←↑↓→</kbd> move <kbd>F</kbd> photo <kbd>P</kbd> most like it</span><span class="grow"></span>
      <button class="plain small ${whole ? "on" : ""}" id="whole" aria-pressed=${whole} @click=${() => this.run("whole")}><kbd aria-hidden="true">Q</kbd> Whole crops</button>
      <button class="plain small" id="help" @click=${() => this.run("help")}><kbd aria-hidden="true">?</kbd> Keys</button>
      <span class="sizes"><button class="plain" id="smaller" aria-label="Smaller tiles" title="Smaller tiles (−)" @click=${() => this.run("smaller")}>−</button>
        <input type="range" id="size" aria-label="Tile size" min=${SMALLEST} max=${LARGEST} step="4" .value=${String(this.view.tile)} @input=${slide} />
        <button class="plain" id="larger" aria-label="Larger tiles" title="Larger tiles (+)" @click=${() => this.run("larger")}>+</button></span></div>`;
  }

  private renderPhoto(): TemplateResult {
    const { item } = this;
    return html`<dialog class="photo" id="dialog-photo" @close=${this.closed} @keydown=${this.photoKey} @click=${(event: Event) => event.target === this.opened && this.opened?.close()}>
      <photo-view looked .src=${item?.context ?? ""} .note=${item ? "" : "Fetching the photo…"} .known=${item?.attributes ?? {}} @step=${(event: CustomEvent<-1 | 1>) => this.wall(this.side)?.step(event.detail)} @leave=${() => this.opened?.close()}></photo-view></dialog>`;
  }
}

/** The tile that was the first in the window when this address was left. */
function wasAt(): number {
  return Number((history.state as { at?: number } | null)?.at ?? 0);
}
