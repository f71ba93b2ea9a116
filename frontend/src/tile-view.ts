/** One tile of the grid: its picture, its marks, and what a screen reader says of it. Holds no state. */
import { html, nothing, type TemplateResult } from "lit";
import type { Label } from "./api";
import type { Tile } from "./assignments";
import { badge, frame, pileBadge, readable, reasonName, ruler, shape } from "./grid-parts";
import type { Hand } from "./hand";
import { msg, str } from "./language";
import type { Scale } from "./scale";
import type { Session } from "./session";
import { styled } from "./shared";
import type { View } from "./view";

export interface Field {
  session: Session;
  hand: Hand;
  view: View;
  scale: Scale;
  labels: ReadonlyMap<string, Label>;
  /** The tiles that the panel speaks of, where they are several. */
  chosen: readonly number[];
}
export interface Acts {
  click(event: MouseEvent, position: number): void;
  focus(position: number): void;
  openStack(event: Event, position: number): void;
  openPanel(event: Event, position: number): void;
  broken(position: number): void;
}

export function tileView({ session, hand, view, scale, labels, chosen }: Field, { position, box, span, attributes }: Tile, shownAs: string, acts: Acts): TemplateResult {
  const { review, crops } = session;
  const { stacks } = hand;
  const here = position === hand.here;
  const mark = hand.markAt(position);
  const members = stacks.members(position);
  const stacked = members.length > 1 ? (stacks.opened(position) ? "opened" : "stack") : "";
  const url = crops?.urls[position];
  const fit = view.fit(scale.known);
  const bar = view.has("bar") && url ? scale.bar(span, fit) : null;
  const said = mark ? `, ${msg("flagged")}, ${mark.label ? readable(labels, mark.label) : reasonName(mark)}` : "";
  const under = stacked === "stack" ? `, ${msg(str`on top of ${members.length - 1} near duplicates`)}` : "";
  const known = Object.entries(attributes).map(([name, value]) => `, ${name} ${value}`).join("");
  const loaded = (event: Event): void => {
    const image = event.target as HTMLImageElement;
    shape(image);
    view.level(image);
  };
  return html`<button class="tile ${mark ? "flagged" : ""} ${here ? "here" : ""} ${chosen.includes(position) ? "chosen" : ""} ${review.seen.has(position) ? "" : "unseen"} ${url === undefined ? "coming" : ""} ${stacked}"
    data-position=${position} aria-pressed=${mark !== undefined} tabindex=${here ? 0 : -1} ${styled(fit === "true" && span ? scale.shares(span) : {})}
    aria-label="${msg(str`item ${position + 1} of ${crops?.urls.length ?? 0}, labelled ${shownAs}`)}${under}${known}${said}"
    @click=${(event: MouseEvent) => acts.click(event, position)} @focus=${() => acts.focus(position)}>
    ${url ? html`<img src=${url} alt="" draggable="false" @load=${loaded} @error=${() => acts.broken(position)} />` : html`<span class="missing">${url === null ? msg("no picture") : ""}</span>`}
    ${view.has("outline") && url ? frame(box) : nothing} ${bar ? ruler(bar) : nothing}
    ${stacked && members[0] === position ? pileBadge(members.length, stacks.opened(position), stacks.under(position).filter((p) => review.get(p)).length, (event) => acts.openStack(event, position)) : nothing}
    ${mark ? badge(mark, labels, (event) => acts.openPanel(event, position)) : nothing}
    <span class="closer" aria-hidden="true">⤢</span>
  </button>`;
}
