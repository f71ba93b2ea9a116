/** Keys and what they do: one table for the handler, the hints and the help. */
import { msg } from "./language";

export interface Binding<Command extends string> {
  command: Command;
  /** `event.key` values, lower case. */
  keys: string[];
  /** What the help shows; empty where another line says it already. */
  shown: string;
  help: string;
}

/** True where the person is writing, so that letters are letters. */
export function writing(event: Event): boolean {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) || (target instanceof HTMLInputElement && target.type !== "checkbox");
}

/** True where Space and Enter belong to the focused control. */
export function pressing(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  return (event.key === "Enter" || event.key === " ") && target instanceof HTMLElement && !target.closest(".tile, .case") && /^(BUTTON|A|SUMMARY)$/.test(target.tagName);
}

/** The command of a key press, or undefined. Control, Alt and Meta are the browser's. */
export function commandOf<C extends string>(bindings: readonly Binding<C>[], event: KeyboardEvent): C | undefined {
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
  const key = event.key.toLowerCase();
  return bindings.find((binding) => binding.keys.includes(event.shiftKey ? `shift+${key}` : key) || (event.shiftKey && key.length === 1 && !/[a-z]/.test(key) && binding.keys.includes(key)))?.command;
}

/** The lines of the help. */
export const explained = <C extends string>(bindings: readonly Binding<C>[]): Binding<C>[] => bindings.filter(({ shown }) => shown);

export type GridCommand =
  | "left" | "right" | "up" | "down" | "sweep-left" | "sweep-right" | "sweep-up" | "sweep-down" | "first" | "last" | "flag"
  | "suggestion" | "label" | "undo" | "redo" | "light" | "outline" | "larger" | "smaller" | "photo" | "crop" | "filter" | "next-unseen"
  | "hand-in" | "help" | "close" | "comment" | "bad-box" | "cant-tell" | "not-an-object" | "no-label" | "stack"
  | "ask" | "second" | "whole" | "more" | "guide" | "bar" | "scale";

export const GRID_KEYS: Binding<GridCommand>[] = [
  { command: "left", keys: ["arrowleft"], shown: "←↑↓→", help: msg("Go from tile to tile") },
  { command: "right", keys: ["arrowright"], shown: "", help: "" },
  { command: "up", keys: ["arrowup"], shown: "", help: "" },
  { command: "down", keys: ["arrowdown"], shown: "", help: "" },
  { command: "sweep-left", keys: ["shift+arrowleft"], shown: "⇧←↑↓→", help: msg("Go, and mark all on the way like this tile") },
  { command: "sweep-right", keys: ["shift+arrowright"], shown: "", help: "" },
  { command: "sweep-up", keys: ["shift+arrowup"], shown: "", help: "" },
  { command: "sweep-down", keys: ["shift+arrowdown"], shown: "", help: "" },
  { command: "first", keys: ["home"], shown: msg("Home"), help: msg("Go to the first tile") },
  { command: "last", keys: ["end"], shown: msg("End"), help: msg("Go to the last tile") },
  { command: "flag", keys: [" "], shown: msg("Space"), help: msg("Flag the tile, or take the flag off") },
  { command: "suggestion", keys: ["1", "2", "3", "4", "5"], shown: "1–5", help: msg("It is really this: the suggestions of a flagged tile") },
  { command: "label", keys: ["l"], shown: "L", help: msg("It is really another label: type its name") },
  { command: "bad-box", keys: ["b"], shown: "B", help: msg("Right label, bad box") },
  { command: "cant-tell", keys: ["c"], shown: "C", help: msg("Can’t tell") },
  { command: "not-an-object", keys: ["x"], shown: "X", help: msg("Not an object at all") },
  { command: "no-label", keys: ["d"], shown: "D", help: msg("No label fits") },
  { command: "comment", keys: ["m"], shown: "M", help: msg("Write a comment") },
  { command: "ask", keys: ["i"], shown: "I", help: msg("Ask a supervisor about the tile, or about the class") },
  { command: "undo", keys: ["z"], shown: "Z", help: msg("Undo, as far back as you like") },
  { command: "redo", keys: ["shift+z", "y"], shown: "⇧Z", help: msg("Redo") },
  { command: "next-unseen", keys: ["n"], shown: "N", help: msg("Go to the next tile that you have not seen") },
  { command: "filter", keys: ["a"], shown: "A", help: msg("Show all, only flagged, only unseen") },
  { command: "stack", keys: ["s"], shown: "S", help: msg("Open the stack of near duplicates, or close it") },
  { command: "second", keys: ["p"], shown: "P", help: msg("Second pass: label the flagged, with a label in hand") },
  { command: "light", keys: ["e"], shown: "E", help: msg("Even light: level the exposure of every tile") },
  { command: "outline", keys: ["o"], shown: "O", help: msg("Outline: frame the box of every object") },
  { command: "whole", keys: ["q"], shown: "Q", help: msg("Whole crops in their own shape, or squares") },
  { command: "bar", keys: ["r"], shown: "R", help: msg("Scale bar, where a pixel’s size is known") },
  { command: "scale", keys: ["t"], shown: "T", help: msg("True scale: all tiles as large as they are beside each other") },
  { command: "more", keys: ["w"], shown: "W", help: msg("Tile size, window and level, and more") },
  { command: "guide", keys: ["g"], shown: "G", help: msg("What the class looks like, and what is easily taken for it") },
  { command: "larger", keys: ["+", "="], shown: "+", help: msg("Larger tiles") },
  { command: "smaller", keys: ["-", "_"], shown: "−", help: msg("Smaller tiles") },
  { command: "crop", keys: ["v"], shown: "V", help: msg("Hold for a large view of the tile") },
  { command: "photo", keys: ["f"], shown: "F", help: msg("The whole photo") },
  { command: "hand-in", keys: ["enter"], shown: "⏎", help: msg("Hand in") },
  { command: "close", keys: ["escape"], shown: "Esc", help: msg("Close what is open") },
  { command: "help", keys: ["?", "h"], shown: "?", help: msg("All keys") },
];

export type DeskCommand =
  | "left" | "right" | "up" | "down" | "select" | "all" | "next" | "previous" | "suggested" | "clean" | "label" | "remove" | "redraw"
  | "unclear" | "again" | "rule" | "offer" | "names" | "undo" | "photo" | "help" | "close";

export const DESK_KEYS: Binding<DeskCommand>[] = [
  { command: "left", keys: ["arrowleft"], shown: "←↑↓→", help: "Go from case to case" },
  { command: "right", keys: ["arrowright"], shown: "", help: "" },
  { command: "up", keys: ["arrowup"], shown: "", help: "" },
  { command: "down", keys: ["arrowdown"], shown: "", help: "" },
  { command: "all", keys: ["a"], shown: "A", help: "Take all of these, or none: what you decide then holds for all" },
  { command: "select", keys: [" "], shown: "Space", help: "Take the case, or leave it out" },
  { command: "next", keys: ["n"], shown: "N", help: "Go to the next question" },
  { command: "previous", keys: ["shift+n"], shown: "⇧N", help: "Go to the question before" },
  { command: "suggested", keys: ["1"], shown: "1", help: "Do what is suggested" },
  { command: "clean", keys: ["0"], shown: "0", help: "Leave it as it is" },
  { command: "label", keys: ["l"], shown: "L", help: "Give it another label" },
  { command: "remove", keys: ["x"], shown: "X", help: "Remove it: there is no object" },
  { command: "redraw", keys: ["b"], shown: "B", help: "Redraw the box on the photo" },
  { command: "unclear", keys: ["u"], shown: "U", help: "Unclear: nobody can tell" },
  { command: "again", keys: ["m"], shown: "M", help: "Ask two more people" },
  { command: "undo", keys: ["z"], shown: "Z", help: "Take back what you decided last" },
  { command: "rule", keys: ["r"], shown: "R", help: "Make what you decided last the rule, with its example" },
  { command: "offer", keys: ["y"], shown: "Y", help: "Do the same to the look-alikes that are offered" },
  { command: "photo", keys: ["f"], shown: "F", help: "The whole photo, or the crop" },
  { command: "names", keys: ["w"], shown: "W", help: "Hide or show who said it" },
  { command: "close", keys: ["escape"], shown: "Esc", help: "Close what is open, or take none" },
  { command: "help", keys: ["?", "h"], shown: "?", help: "All keys" },
];

/** What a field asks for, with the key that leads there; a finger has none. */
export function withKey(words: string, key: string): string {
  return matchMedia("(pointer: coarse)").matches ? words : `${words} (${key})`;
}
