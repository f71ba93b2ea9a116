/** The commands as buttons: the footer, and the sheet with whatever the footer has no room for. Holds no state. */
import { html, nothing, type TemplateResult } from "lit";
import { FILTERS, type Filter, type Hand } from "./hand";
import { GRID_KEYS, type GridCommand } from "./keys";
import { msg } from "./language";
import { LARGEST, SMALLEST } from "./tile-size";
import type { Switch, View } from "./view";

const PHOTO = html`<svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.4" aria-hidden="true"><rect x="1.5" y="2.5" width="13" height="11" rx="1.5" /><path d="M2 11l3.5-3.5 3 3 2-2L14 12" /><circle cx="10.8" cy="5.8" r="1.1" /></svg>`;
const BUBBLE = html`<svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.4" aria-hidden="true"><path d="M2 3.5h12v8H7.5L4.5 14v-2.5H2z" /></svg>`;
const FILTER_SIGNS: Record<Filter, string> = { all: "▦", flagged: "⚑", unseen: "◌" };
const NAMES: Record<Filter, string> = { all: msg("All"), flagged: msg("Flagged"), unseen: msg("Unseen") };
const SWITCH_NAMES: Record<Switch, string> = { light: msg("Even light"), outline: msg("Outline"), whole: msg("Whole crops"), bar: msg("Scale bar"), scale: msg("True scale") };

export interface Desk {
  hand: Hand;
  view: View;
  /** It is known how large things are. */
  sized: boolean;
  canUndo: boolean;
  canRedo: boolean;
  run(command: GridCommand): void;
  show(filter: Filter): void;
  giveBack(): void;
  /** Size or window were changed by hand. */
  changed(): void;
}

interface Tool {
  word: string;
  sign: string | TemplateResult;
  pressed?: boolean;
  disabled?: boolean;
}

function keyOf(command: GridCommand): string {
  return GRID_KEYS.find((binding) => binding.command === command)?.shown ?? "";
}

function tool({ run }: Desk, command: GridCommand, { word, sign, pressed, disabled = false }: Tool, more = ""): TemplateResult {
  return html`<button class="plain ${pressed ? "on" : ""} ${more}" id=${command} aria-pressed=${pressed ?? nothing}
    title=${GRID_KEYS.find((binding) => binding.command === command)?.help ?? word} aria-label=${word} ?disabled=${disabled} @click=${() => run(command)}><kbd aria-hidden="true" data-key=${keyOf(command)}></kbd><span class="sign" aria-hidden="true">${sign}</span><span class="word">${word}</span></button>`;
}

export function tools(desk: Desk, sheetOpen: boolean): TemplateResult {
  const { hand, view } = desk;
  return html`<span class="segments" role="group" aria-label=${msg("Show")}>${segments(desk, "show-")}</span>
    <span class="hint small soft"><kbd>←↑↓→</kbd> ${msg("move")} <kbd>${msg("Space")}</kbd> ${msg("flag")} <kbd>1</kbd>–<kbd>5</kbd> ${msg("label")}</span>
    <span class="grow"></span>
    ${tool(desk, "second", { word: msg("Label the flagged"), sign: "✎", pressed: hand.second }, "extra")}
    ${tool(desk, "photo", { word: msg("Whole photo"), sign: PHOTO })} ${tool(desk, "light", { word: msg("Even light"), sign: "◐", pressed: view.has("light") }, "extra")}
    ${tool(desk, "outline", { word: msg("Outline"), sign: "▢", pressed: view.has("outline") }, "extra")} ${tool(desk, "undo", { word: msg("Undo"), sign: "↶", disabled: !desk.canUndo })}
    ${tool(desk, "next-unseen", { word: msg("Next unseen"), sign: "⇥" }, "extra")} ${tool(desk, "ask", { word: msg("Ask"), sign: BUBBLE })} ${tool(desk, "help", { word: msg("All keys"), sign: "⌨" }, "extra")}
    <span class="grow"></span>${sizes(desk, "")}
    <button class="plain ${sheetOpen ? "on" : ""}" id="more" aria-expanded=${sheetOpen} aria-label=${msg("View and more")} title="${msg("View and more")} (W)" @click=${() => desk.run("more")}><kbd aria-hidden="true" data-key="W"></kbd><span class="word" aria-hidden="true">${msg("View")}</span><span class="sign narrow" aria-hidden="true">⋯</span></button>`;
}

function segments({ hand, show }: Desk, id: string): TemplateResult[] {
  return FILTERS.map((filter) => html`<button id="${id}${filter}" aria-pressed=${hand.filter === filter} aria-label=${NAMES[filter]} title=${NAMES[filter]} @click=${() => show(filter)}><span class="brief" aria-hidden="true">${FILTER_SIGNS[filter]}</span><span class="full">${NAMES[filter]}</span></button>`);
}

function sizes({ view, run, changed }: Desk, id: string): TemplateResult {
  const slide = (event: Event): void => {
    view.resizeTo(Number((event.target as HTMLInputElement).value));
    changed();
  };
  return html`<span class="sizes"><button class="plain" id="${id}smaller" aria-label=${msg("Smaller tiles")} title="${msg("Smaller tiles")} (−)" @click=${() => run("smaller")}>−</button>
    <input type="range" id="${id}size" aria-label=${msg("Tile size")} min=${SMALLEST} max=${LARGEST} step="4" .value=${String(view.tile)} @input=${slide} />
    <button class="plain" id="${id}larger" aria-label=${msg("Larger tiles")} title="${msg("Larger tiles")} (+)" @click=${() => run("larger")}>+</button></span>`;
}

/** Whatever has a key has a button here that a thumb reaches. */
export function sheet(desk: Desk): TemplateResult {
  const { view, run } = desk;
  const row = (command: GridCommand, word: string, sign: string, disabled = false): TemplateResult =>
    html`<button id="sheet-${command}" ?disabled=${disabled} @click=${() => run(command)}><span class="sign">${sign}</span>${word}<span class="grow"></span><kbd>${keyOf(command)}</kbd></button>`;
  const turn = (name: Switch): TemplateResult =>
    html`<button id="sheet-${name}" role="switch" aria-checked=${view.has(name)} @click=${() => run(name)}><span class="sign">${view.has(name) ? "☑" : "☐"}</span>${SWITCH_NAMES[name]}<span class="grow"></span><kbd>${keyOf(name)}</kbd></button>`;
  return html`<section class="sheet" id="sheet" aria-label=${msg("View and more")}>
    <div class="line"><span>${msg("Tile size")}</span><span class="grow"></span>${sizes(desk, "sheet-")}</div>
    ${turn("whole")} ${turn("light")} ${turn("outline")} ${desk.sized ? [turn("bar"), turn("scale")] : nothing} ${windowOf(desk)}
    <div class="line narrow"><span class="segments" role="group" aria-label=${msg("Show")}>${segments(desk, "sheet-show-")}</span></div>
    ${row("second", msg("Label the flagged"), "✎")} ${row("next-unseen", msg("Next unseen"), "⇥")} ${row("undo", msg("Undo"), "↶", !desk.canUndo)} ${row("redo", msg("Redo"), "↷", !desk.canRedo)}
    ${row("guide", msg("What it looks like"), "☰")} ${row("help", msg("All keys"), "?")}
    <button id="give-back" title=${msg("Give these tiles back: nothing of them counts, others look at them")} @click=${desk.giveBack}><span class="sign">⏎</span>${msg("Give these tiles back")}</button>
  </section>`;
}

/** Window and level over what the crops hold. */
function windowOf({ view, changed }: Desk): TemplateResult {
  const slide = (name: "level" | "width") => (event: Event): void => {
    view.window = { ...view.window, [name]: Number((event.target as HTMLInputElement).value) / 100 };
    changed();
  };
  const reset = (): void => {
    view.openWindow();
    changed();
  };
  const slider = (name: "level" | "width", word: string, least: number): TemplateResult =>
    html`<label><span>${word}</span><input type="range" id="window-${name}" min=${least} max="100" .value=${String(Math.round(view.window[name] * 100))} @input=${slide(name)} /></label>`;
  return html`<fieldset class="window"><legend>${msg("Window of all crops")}</legend>${slider("level", msg("Level"), 2)}${slider("width", msg("Width"), 4)}
    <button class="plain" id="window-reset" ?disabled=${!view.windowed} @click=${reset}>${msg("Reset")}</button>
    <p class="small soft">${msg("Stretches what the crops hold. What lies outside the dataset’s own window was left out when they were cut.")}</p></fieldset>`;
}
