/** The keys of the explorer: those of the field where one stands, and those of the page. */
import type { Binding } from "./keys";
import type { Step } from "./wall-layout";

export const STEP_KEYS: Binding<Step>[] = [
  { command: "left", keys: ["arrowleft"], shown: "←↑↓→", help: "Go from tile to tile" },
  { command: "right", keys: ["arrowright"], shown: "", help: "" },
  { command: "up", keys: ["arrowup"], shown: "", help: "" },
  { command: "down", keys: ["arrowdown"], shown: "", help: "" },
  { command: "page-up", keys: ["pageup"], shown: "PgUp", help: "A page up" },
  { command: "page-down", keys: ["pagedown"], shown: "PgDn", help: "A page down" },
  { command: "first", keys: ["home"], shown: "Home", help: "Go to the first tile" },
  { command: "last", keys: ["end"], shown: "End", help: "Go to the last tile" },
];

export type ExploreCommand = "photo" | "like" | "larger" | "smaller" | "whole" | "search" | "close" | "help";

export const EXPLORE_KEYS: Binding<ExploreCommand>[] = [
  { command: "photo", keys: ["f", "enter"], shown: "F", help: "The whole photo" },
  { command: "like", keys: ["p"], shown: "P", help: "Pin it: what is most like it, or take the pin out" },
  { command: "larger", keys: ["+", "="], shown: "+", help: "Larger tiles" },
  { command: "smaller", keys: ["-", "_"], shown: "−", help: "Smaller tiles" },
  { command: "whole", keys: ["q"], shown: "Q", help: "Whole crops in their own shape, or squares" },
  { command: "search", keys: ["/"], shown: "/", help: "Search in the keys" },
  { command: "close", keys: ["escape"], shown: "Esc", help: "Close what is open" },
  { command: "help", keys: ["?", "h"], shown: "?", help: "All keys" },
];
