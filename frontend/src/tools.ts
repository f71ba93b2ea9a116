/** The commands as buttons: the footer, and the sheet with whatever the footer has no room for. Holds no state. */
import { html, nothing, type TemplateResult } from "lit";
import { FILTERS, type Filter, type Hand } from "./hand";
import { GRID_KEYS, type GridCommand } from "./keys";
import { LARGEST, SMALLEST } from "./tile-size";
import type { Switch, View } from "./view";

const PHOTO = html`<svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.4" aria-hidden="true"><rect x="1.5" y="2.5" width="13" height="11" rx="1.5" /><path d="M2 11l3.5-3.5 3 3 2-2L14 12" /><circle cx="10.8" cy="5.8" r="1.1" /></svg>`;
const BUBBLE = html`<svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.4" aria-hidden="true"><path d="M2 3.5h12v8H7.5L4.5 14v-2.5H2z" /></svg>`;
const NAMES: Record<Filter, string> = { all: "All", flagged: "Flagged", unseen: "Unseen" };
const SWITCH_NAMES: Record<Switch, string> = { light: "Even light", outline: "Outline", whole: "Whole crops" };

export interface Desk {
  hand: Hand;
  view: View;
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
    title=${GRID_KEYS.find((binding) => binding.command === command)?.help ?? word} aria-label=${word} ?disabled=${disabled} @click=${() => run(command)}><kbd aria-hidden="true">${keyOf(command)}</kbd><span class="sign" aria-hidden="true">${sign}</span><span class="word">${word}</span></button>`;
}

export function tools(desk: Desk, sheetOpen: boolean): TemplateResult {
  const { hand, view } = desk;
  return html`<span class="segments" role="group" aria-label="Show">${segments(desk, "show-")}</span>
    <span class="hint small soft"><kbd>←↑↓→</kbd> move <kbd>Space</kbd> flag <kbd>1</kbd>–<kbd>5</kbd> label</span>
    <span class="grow"></span>
    ${tool(desk, "second", { word: "Label the flagged", sign: "✎", pressed: hand.second }, "extra")}
    ${tool(desk, "photo", { word: "Whole photo", sign: PHOTO })} ${tool(desk, "light", { word: "Even light", sign: "◐", pressed: view.has("light") }, "extra")}
    ${tool(desk, "outline", { word: "Outline", sign: "▢", pressed: view.has("outline") }, "extra")} ${tool(desk, "undo", { word: "Undo", sign: "↶", disabled: !desk.canUndo })}
    ${tool(desk, "next-unseen", { word: "Next unseen", sign: "⇥" }, "extra")} ${tool(desk, "ask", { word: "Ask", sign: BUBBLE })} ${tool(desk, "help", { word: "All keys", sign: "⌨" }, "extra")}
    <span class="grow"></span>${sizes(desk, "")}
    <button class="plain ${sheetOpen ? "on" : ""}" id="more" aria-expanded=${sheetOpen} aria-label="View and more" title="View and more (W)" @click=${() => desk.run("more")}><kbd aria-hidden="true">W</kbd><span class="word" aria-hidden="true">View</span><span class="sign narrow" aria-hidden="true">⋯</span></button>`;
}

function segments({ hand, show }: Desk, id: string): TemplateResult[] {
  return FILTERS.map((filter) => html`<button id="${id}${filter}" aria-pressed=${hand.filter === filter} @click=${() => show(filter)}>${NAMES[filter]}</button>`);
}

function sizes({ view, run, changed }: Desk, id: string): TemplateResult {
  const slide = (event: Event): void => {
    view.resizeTo(Number((event.target as HTMLInputElement).value));
    changed();
  };
  return html`<span class="sizes"><button class="plain" id="${id}smaller" aria-label="Smaller tiles" title="Smaller tiles (−)" @click=${() => run("smaller")}>−</button>
    <input type="range" id="${id}size" aria-label="Tile size" min=${SMALLEST} max=${LARGEST} step="4" .value=${String(view.tile)} @input=${slide} />
    <button class="plain" id="${id}larger" aria-label="Larger tiles" title="Larger tiles (+)" @click=${() => run("larger")}>+</button></span>`;
}

/** Whatever has a key has a button here that a thumb reaches. */
export function sheet(desk: Desk): TemplateResult {
  const { view, run } = desk;
  const row = (command: GridCommand, word: string, sign: string, disabled = false): TemplateResult =>
    html`<button id="sheet-${command}" ?disabled=${disabled} @click=${() => run(command)}><span class="sign">${sign}</span>${word}<span class="grow"></span><kbd>${keyOf(command)}</kbd></button>`;
  const turn = (name: Switch): TemplateResult =>
    html`<button id="sheet-${name}" role="switch" aria-checked=${view.has(name)} @click=${() => run(name)}><span class="sign">${view.has(name) ? "☑" : "☐"}</span>${SWITCH_NAMES[name]}<span class="grow"></span><kbd>${keyOf(name)}</kbd></button>`;
  return html`<section class="sheet" id="sheet" aria-label="View and more">
    <div class="line"><span>Tile size</span><span class="grow"></span>${sizes(desk, "sheet-")}</div>
    ${turn("whole")} ${turn("light")} ${turn("outline")} ${windowOf(desk)}
    <div class="line narrow"><span class="segments" role="group" aria-label="Show">${segments(desk, "sheet-show-")}</span></div>
    ${row("second", "Label the flagged", "✎")} ${row("next-unseen", "Next unseen", "⇥")} ${row("undo", "Undo", "↶", !desk.canUndo)} ${row("redo", "Redo", "↷", !desk.canRedo)}
    ${row("guide", "What it looks like", "☰")} ${row("help", "All keys", "?")}
    <button id="give-back" title="Give these tiles back: nothing of them counts, others look at them" @click=${desk.giveBack}><span class="sign">⏎</span>Give these tiles back</button>
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
  return html`<fieldset class="window"><legend>Window of all crops</legend>${slider("level", "Level", 2)}${slider("width", "Width", 4)}
    <button class="plain" id="window-reset" ?disabled=${!view.windowed} @click=${reset}>Reset</button>
    <p class="small soft">Stretches what the crops hold. What lies outside the dataset’s own window was left out when they were cut.</p></fieldset>`;
}
