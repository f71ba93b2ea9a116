/** The parts of the review page that hold no state: header, notices, dialogs, badges. */
import { html, nothing, type TemplateResult } from "lit";
import type { Label } from "./api";
import type { Section, Tile } from "./assignments";
import { explained, GRID_KEYS } from "./keys";
import { msg, str } from "./language";
import { flaggedSaid, span, unseenSaid } from "./numbers";
import { REASONS } from "./say-panel";
import type { Saving, Session } from "./session";
import { icon, styled } from "./shared";
import type { Mark } from "./state";

type Labels = ReadonlyMap<string, Label>;
const LEASE_WARNING = 6 * 60_000;
const EXEMPLARS = 4;
const SAVED: Record<Saving, string> = { saved: msg("Saved"), unsaved: msg("Saving…"), offline: msg("Not saved yet"), "signed-out": msg("Not saved yet"), refused: msg("Not saved"), ended: msg("Not saved") };

export function readable(labels: Labels, name: string | null | undefined): string {
  return name ? (labels.get(name)?.readable_name ?? name) : "";
}

export function guideline(label: Label | undefined, name: string): string {
  if (label?.guideline) return label.guideline;
  return label?.rest ? msg("These have no class of their own. Flag what belongs to another class.") : name ? msg(str`Flag everything that is not ${name}.`) : msg("Flag everything that is not this.");
}

/** A question turned round: what is asked, what a flag says, and the label that one looks for. */
export function question(labels: Labels, section: Section | undefined): { title: string; guideline: string; label: Label | undefined } | null {
  if (!section?.asks) return null;
  const [asked, name] = [readable(labels, section.asks), readable(labels, section.label)];
  return { title: msg(str`Which of these ARE ${asked}?`), guideline: msg(str`They are labelled ${name}. Flag each that is ${asked}.`), label: labels.get(section.asks) };
}

export function reasonName(mark: Mark): string {
  return REASONS.find(({ reason }) => reason === mark.reason)?.said ?? mark.reason;
}

const signIn = (): string => `/login/?next=${encodeURIComponent(location.pathname)}`;

export function waiting(): TemplateResult {
  return html`<div class="wait" role="status" aria-label=${msg("Fetching the pictures")}>${Array.from({ length: 60 }, () => html`<i></i>`)}</div>`;
}

/** Nothing to look at: why, when one looks again, and the way back. `wait` in seconds, 0 for never. */
export function idle(session: Session, back: string, wait: number): TemplateResult {
  const title = session.trouble ? msg("That did not work") : session.batches ? msg("Well done. Nothing more for you now.") : msg("Nothing for you to look at now");
  const over = !session.trouble && session.idle?.retryAfter === null;
  const act = session.saving === "signed-out" ? html`<a class="button primary" href=${signIn()}>${msg("Sign in again")}</a>`
    : html`<button class=${over ? "" : "primary"} id="look-again" ?disabled=${session.busy} @click=${() => session.start()}>${msg("Look again")}</button>`;
  return html`<div class="empty" id="nothing" role="status"><h1>${title}</h1>
    <p>${session.trouble || session.idle?.reason || msg("There is nothing to look at for you now.")}</p>
    <p class="row"><a class="button ${over ? "primary" : ""}" id="back" href=${back}>${msg("Back to the campaign")}</a> ${act}</p>
    ${wait > 0 ? html`<p class="small">${msg(str`Looking again in ${span(wait)}.`)}</p>` : nothing}<day-progress></day-progress></div>`;
}

/** Whoever decides alone is shown some tiles a second time: said once, since these come without the marks they had. */
export function twiceNote(shut: () => void): TemplateResult {
  return html`<p class="notice small twice" id="twice"><span>${msg("You decide alone here. A few tiles come a second time, without your marks, and a few wrong labels are planted, to tell how sure your answers are; what you marked is kept, and what was planted is in no export.")}</span><button class="plain" id="twice-close" @click=${shut}>${msg("Close")}</button></p>`;
}

/** What is looked at: the label with its guideline, typical crops and look-alikes; `about` shows all of it, where there is more. */
export function subject(labels: Labels, section: Section | undefined, about: (() => void) | null): TemplateResult {
  const asked = question(labels, section);
  const label = asked ? asked.label : labels.get(section?.label ?? "");
  const shown = readable(labels, section?.asks ?? section?.label);
  const title = asked?.title ?? shown;
  const alike = lookAlikes(labels, label).slice(0, EXEMPLARS);
  return html`${about ? html`<button class="who" id="about" aria-label=${msg(str`${title}: what it looks like`)} title=${msg("What it looks like, and what to do (G)")} @click=${about}>${icon(label, 44)}</button>` : icon(label, 44)}
    <div class="what"><h1 id="label-name" title=${title}>${title}${section?.value ? html` <span class="soft">${section.value}</span>` : nothing}</h1><p class="soft small" id="guideline">${asked?.guideline ?? guideline(label, shown)}</p></div>
    ${label?.exemplars.length ? html`<div class="sep"></div><div class="typical small"><span class="soft">${msg("Typical")}</span><div class="pics">
        ${label.exemplars.slice(0, EXEMPLARS).map((url) => html`<img src=${url} alt=${msg(str`a typical ${shown}`)} draggable="false" />`)}</div></div>` : nothing}
    ${alike.length ? html`<div class="alike small"><span class="soft">${msg("Easily taken for it")}</span><div class="pics">
        ${alike.map((other) => html`<span title=${other.readable_name} role="img" aria-label=${other.readable_name}>${icon(other, 36)}</span>`)}</div></div>` : nothing}`;
}

const lookAlikes = (labels: Labels, label: Label | undefined): Label[] => (label?.look_alikes ?? []).flatMap((other) => labels.get(other) ?? []);

/** The whole of a class: its guideline, what it looks like, and what is easily taken for it, large and with names. */
export function aboutClass(labels: Labels, section: Section | undefined): TemplateResult {
  const asked = question(labels, section);
  const label = asked ? asked.label : labels.get(section?.label ?? "");
  const shown = readable(labels, section?.asks ?? section?.label);
  const alike = lookAlikes(labels, label);
  return html`<div class="label">${icon(label, 44)}<h1>${asked?.title ?? shown}</h1></div>
    <p class="guideline">${asked?.guideline ?? guideline(label, shown)}</p>
    ${label?.exemplars.length ? html`<h2>${msg("This is what it looks like")}</h2><div class="large">${label.exemplars.map((url) => html`<img src=${url} alt=${msg(str`a typical ${shown}`)} />`)}</div>` : nothing}
    ${alike.length ? html`<h2>${msg("Easily taken for it")}</h2><div class="large">${alike.map((other) => html`<figure>${icon(other, 72)}<figcaption class="small soft">${other.readable_name}</figcaption></figure>`)}</div>` : nothing}`;
}

export function counts(session: Session, all: number): TemplateResult {
  const { review, saving } = session;
  return html`<div class="counts small soft"><span><b id="flagged-count">${flaggedSaid(review.flagged)}</b> ${msg(str`of ${all}`)} · <span id="unseen-count">${unseenSaid(all - review.seen.size)}</span></span>
    <div id="saved" role="status">${SAVED[saving]}</div></div>`;
}

/** What stands between the person and the server, or a lease that ends. */
export function trouble(session: Session): TemplateResult | typeof nothing {
  const { saving, left } = session;
  if (session.trouble) {
    return html`<div class="trouble" id="trouble" role="alert"><span>${session.trouble}</span>
      ${saving === "signed-out" ? html`<a class="button" href=${signIn()} target="_blank">${msg("Sign in again")}</a>` : nothing}
      ${saving === "ended" ? html`<button id="go-on" @click=${() => session.advance()}>${msg("Go on to the next")}</button>` : nothing}
      ${saving === "offline" || saving === "signed-out" ? html`<button id="retry" @click=${() => session.flush()}>${msg("Try now")}</button>` : nothing}</div>`;
  }
  const unsaved = session.handed?.unsaved ?? 0;
  if (unsaved) return html`<div class="trouble" id="unsaved" role="alert">${unsaved === 1 ? msg("The tiles before were handed in by another window: 1 mark made here since is not in it.") : msg(str`The tiles before were handed in by another window: ${unsaved} marks made here since are not in it.`)}</div>`;
  if (session.lapsed) return html`<div class="trouble mild" id="lapsed" role="status">${msg("The time for these ran out, and others may look at them meanwhile. You can still hand in: what is still wanted counts.")}</div>`;
  if (left > 0 && left < LEASE_WARNING) return html`<div class="trouble mild" id="lease" role="status">${msg(str`These are yours for ${span(left / 1000)} more; they stay yours while you go on.`)}</div>`;
  return nothing;
}

/** The flag's third sign: the icon of the right label, else a sign of the reason. */
export function badge(mark: Mark, labels: Labels, open: (event: Event) => void): TemplateResult {
  const label = mark.label ? labels.get(mark.label) : undefined;
  return html`<span class="badge" @pointerdown=${open}>
    ${label ? icon(label, 22) : html`<span class="glyph">${REASONS.find(({ reason }) => reason === mark.reason)?.glyph}</span>`}
    ${mark.comment ? html`<span class="glyph">✎</span>` : nothing}</span>`;
}

/** How many lie in a stack, and how many of them are flagged where not all are. */
export function pileBadge(count: number, opened: boolean, flagged: number, toggle: (event: Event) => void): TemplateResult {
  const part = flagged && flagged < count && !opened ? msg(str`${flagged} of ${count}`) : `${count}`;
  return html`<span class="pile" title=${opened ? msg("Close the stack (S)") : msg("Open the stack (S)")} @pointerdown=${toggle}>${opened ? "▾" : "▸"} ${part}</span>`;
}

/** A thin line around the object. The tile's --wide and --tall say how its picture overflows it, see `shape`. */
export function frame(box: Tile["box"]): TemplateResult | typeof nothing {
  if (!box) return nothing;
  const [x, y, w, h] = box.map(String) as [string, string, string, string];
  return html`<span class="frame"><i ${styled({ "--x": x, "--y": y, "--w": w, "--h": h })}></i></span>`;
}

/** A bar of a known length over a picture; `share` of the side that it lies along. */
export function ruler({ share, words }: { share: number; words: string }): TemplateResult {
  return html`<span class="ruler" ${styled({ width: `${100 * share}%` })}><span>${words}</span></span>`;
}

/** Tell a tile the sides of its picture in shares of its own side: where it covers the tile, and where all of it is shown. */
export function shape(image: HTMLImageElement): void {
  const { naturalWidth: width, naturalHeight: height, parentElement: tile } = image;
  const [short, long] = [Math.min(width, height) || 1, Math.max(width, height) || 1];
  const shares = { "--wide": width / short, "--tall": height / short, "--all-wide": width / long, "--all-tall": height / long };
  for (const [name, share] of Object.entries(shares)) tile?.style.setProperty(name, String(share));
}

export function seenBar(share: number): TemplateResult {
  return html`<div class="bar" role="progressbar" aria-label=${msg("Seen")} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(share * 100)}><i ${styled({ width: `${share * 100}%` })}></i></div>`;
}

export function keyHelp(): TemplateResult {
  return html`<h1>${msg("Keys")}</h1><dl class="keys small">${explained(GRID_KEYS).map(({ shown, help }) => html`<dt><kbd>${shown}</kbd></dt><dd>${help}</dd>`)}</dl>
    <p class="small soft">${msg("With the pointer: click flags, a sweep flags or clears as its first tile does, ⇧-click marks all up to there, a right click names the label. With a finger: tap flags, a long press and a sweep flag several, ⤢ shows the photo.")}</p>
    <p class="small"><a href=${location.pathname.replace(/review\/$/, "tutorial/")}>${msg("Practise for two minutes")}</a> <span class="soft">· ${msg("on examples; nothing of it counts.")}</span></p>`;
}

/** Asked before a hand-in with unseen tiles. */
export function unseenQuestion(unseen: number, seen: number, handIn: () => void, show: () => void): TemplateResult {
  return html`<h1>${unseen === 1 ? msg("1 tile was not in view yet") : msg(str`${unseen} tiles were not in view yet`)}</h1>
    <p class="soft">${msg("Unseen tiles do not count as looked at; somebody else will be asked about them.")}</p>
    <div class="row"><button id="hand-in-anyway" @click=${handIn}>${msg(str`Hand in the ${seen} seen`)}</button>
      <button class="primary" id="show-them" autofocus @click=${show}>${msg("Show me the unseen")}</button></div>`;
}
