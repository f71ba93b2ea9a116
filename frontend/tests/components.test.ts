// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from "vitest";
import type { Label } from "../src/api";
import "../src/label-palette";
import type { LabelPalette } from "../src/label-palette";
import type { LabelPicker } from "../src/label-picker";
import type { PhotoView } from "../src/photo-view";
import "../src/photo-view";
import "../src/say-panel";
import type { SayPanel } from "../src/say-panel";
import { PLAIN } from "../src/state";

const label = (name: string): Label => ({ name, readable_name: name[0]!.toUpperCase() + name.slice(1), icon: null, look_alikes: [], exemplars: [], guideline: "", rest: false }) as unknown as Label;
const LABELS = new Map(["stop", "yield", "give way", "no entry"].map((name) => [name, label(name)]));

async function made<T extends HTMLElement>(tag: string, given: Partial<T>): Promise<T> {
  const element = Object.assign(document.createElement(tag), given) as T & { updateComplete: Promise<unknown> };
  document.body.append(element);
  await element.updateComplete;
  return element;
}
const inside = <T extends HTMLElement>(element: HTMLElement, selector: string): T => element.shadowRoot!.querySelector<T>(selector)!;
const texts = (element: HTMLElement, selector: string): string[] => [...element.shadowRoot!.querySelectorAll(selector)].map((one) => one.textContent!.trim());
function heard(element: HTMLElement, kind: string): unknown[] {
  const details: unknown[] = [];
  element.addEventListener(kind, (event) => details.push((event as CustomEvent).detail));
  return details;
}

afterEach(() => document.body.replaceChildren());

async function typed(picker: LabelPicker, text: string): Promise<HTMLInputElement> {
  const input = inside<HTMLInputElement>(picker, "input");
  input.dispatchEvent(new Event("focus"));
  input.value = text;
  input.dispatchEvent(new Event("input"));
  await picker.updateComplete;
  return input;
}
const press = (on: HTMLElement, key: string): boolean => on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true, cancelable: true }));

test("the picker offers what fits what was typed, and gives what is chosen by keys", async () => {
  const picker = await made<LabelPicker>("label-picker", { labels: LABELS, except: "stop" });
  const picked = heard(picker, "pick");
  const input = await typed(picker, "e");
  const offered = [...picker.shadowRoot!.querySelectorAll("li")].map((one) => one.dataset["label"]);
  expect(offered).toEqual(["no entry", "give way", "yield"]); // a word that begins so comes first; never what it is called already
  press(input, "ArrowDown");
  await picker.updateComplete;
  press(input, "Enter");
  expect(picked).toEqual(["give way"]);
});

test("the picker says where nothing fits, and Escape leaves without a word", async () => {
  const picker = await made<LabelPicker>("label-picker", { labels: LABELS });
  const [picked, left] = [heard(picker, "pick"), heard(picker, "leave")];
  const input = await typed(picker, "zebra");
  expect(texts(picker, "li")).toEqual(["No label is called like that."]);
  press(input, "Enter");
  press(input, "Escape");
  expect([picked, left.length]).toEqual([[], 1]);
});

test("the panel says a suggestion, takes it back, and drops the label where the reason is not about it", async () => {
  const panel = await made<SayPanel>("say-panel", { labels: LABELS, label: "stop", options: ["yield", "no entry"], mark: { ...PLAIN } });
  const said = heard(panel, "say");
  expect(texts(panel, ".option .name")).toEqual(["Yield", "No entry"]);
  inside(panel, '[data-label="yield"]').click();
  panel.mark = { ...PLAIN, label: "yield" };
  await panel.updateComplete;
  expect(inside(panel, '[data-label="yield"]').getAttribute("aria-pressed")).toBe("true");
  inside(panel, '[data-label="yield"]').click();
  inside(panel, '[data-reason="bad_box"]').click();
  expect(said).toEqual([{ reason: "wrong_label", label: "yield" }, { reason: "wrong_label", label: null }, { reason: "bad_box", label: null }]);
});

test("the panel tells apart what is on its way and what is not known, and counts the tiles it speaks of", async () => {
  const panel = await made<SayPanel>("say-panel", { labels: LABELS, label: "stop", options: null, tiles: 3 });
  expect(texts(panel, ".wait")).toEqual(["Looking for likely labels…"]);
  expect(texts(panel, ".title .grow")).toEqual(["What are these 3 really?"]);
  panel.options = [];
  await panel.updateComplete;
  expect(texts(panel, ".wait")).toEqual(["No likely label is known. Type one below."]);
});

test("a comment is said once it is written, and Enter gives the keys back to the tiles", async () => {
  const panel = await made<SayPanel>("say-panel", { labels: LABELS, label: "stop", options: [] });
  const [said, away] = [heard(panel, "say"), heard(panel, "away")];
  const comment = inside<HTMLInputElement>(panel, "#comment");
  comment.value = "<b>half hidden</b>";
  comment.dispatchEvent(new Event("change"));
  press(comment, "Enter");
  expect([said, away.length]).toEqual([[{ comment: "<b>half hidden</b>" }], 1]);
});

test("the palette gives labels by number and reasons by hand, and nothing where there is no such number", async () => {
  const palette = await made<LabelPalette>("label-palette", { labels: LABELS, names: ["yield", "stop"], tiles: 4 });
  const taken = heard(palette, "take");
  expect(palette.pick(1)).toBe(true);
  expect(palette.pick(2)).toBe(false);
  inside(palette, '[data-reason="cant_tell"]').click();
  expect(taken).toEqual([{ reason: "wrong_label", label: "stop" }, { reason: "cant_tell", label: null }]);
  expect(inside<HTMLButtonElement>(palette, "#give-all").disabled).toBe(true);
  palette.brush = { reason: "wrong_label", label: "stop" };
  await palette.updateComplete;
  const all = heard(palette, "all");
  inside(palette, "#give-all").click();
  inside(palette, "#give-none").click();
  expect(all).toEqual([true, false]);
});

test("a photo that does not come says so; one that is only looked at cannot be flagged", async () => {
  const photo = await made<PhotoView>("photo-view", { src: "/nowhere.jpg", known: { camera: "north" } });
  const flags = heard(photo, "flag");
  expect(texts(photo, "#attributes")).toEqual(["camera: north"]);
  const key = new KeyboardEvent("keydown", { key: " " });
  vi.spyOn(key, "composedPath").mockReturnValue([photo]);
  expect(photo.press(key)).toBe(true);
  photo.looked = true;
  await photo.updateComplete;
  expect(photo.press(key)).toBe(false);
  expect(inside(photo, "#photo-flag")).toBeNull();
  expect(flags).toHaveLength(1);
  inside<HTMLImageElement>(photo, "img").dispatchEvent(new Event("error"));
  await photo.updateComplete;
  expect(texts(photo, ".note")).toEqual(["The photo does not come. Close this and try again."]);
});
