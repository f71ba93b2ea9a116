import { expect, test } from "vitest";
import { boxBetween } from "../src/box-drawer";
import { byLabel, proposal, sayers, type Case, type Vote } from "../src/cases";
import { fitting } from "../src/label-picker";
import type { Label, Reason } from "../src/api";

const vote = (reason: Reason | "", label: string | null = null): Vote => ({ reviewer: "a", reason, label, comment: "", at: "", sensitivity: null, specificity: null });
const made = (votes: Vote[], suggested: string | null = null, label = "stop"): Case => ({
  id: 1, item: { id: 1, key: "k", label, predicted: null, suspicion: null, attributes: {}, crop: "", context: "" }, probability: 0.5, looks: votes.length, flags: 0,
  suggested, candidates: [], box: null, image: { width: 10, height: 10 }, mine: false, votes,
});

test("what most flaggers say is proposed", () => {
  expect(proposal(made([vote("wrong_label", "yield"), vote("")], "yield"))).toEqual({ action: "relabel", label: "yield" });
  expect(proposal(made([vote("not_an_object"), vote("not_an_object"), vote("wrong_label")], "yield"))).toEqual({ action: "remove" });
  expect(proposal(made([vote("bad_box"), vote("")]))).toEqual({ action: "redraw" });
  expect(proposal(made([vote("wrong_label")]))).toBeNull();
});

test("sayers are counted in words", () => {
  expect(sayers([vote("wrong_label", "yield"), vote("wrong_label", "yield"), vote("")], "yield")).toBe("Two say it is");
});

test("classes are listed by how many cases wait", () => {
  expect(byLabel([made([], null, "a"), made([], null, "b"), made([], null, "b")])).toEqual([["b", 2], ["a", 1]]);
});

test("a box is drawn from any corner, stays in the photo and is in whole source pixels", () => {
  const image = { width: 200, height: 100 };
  expect(boxBetween({ x: 0.5, y: 0.6 }, { x: 0.25, y: 0.2 }, image)).toEqual([50, 20, 50, 40]);
  expect(boxBetween({ x: -1, y: -1 }, { x: 2, y: 2 }, image)).toEqual([0, 0, 200, 100]);
  expect(boxBetween({ x: 1, y: 1 }, { x: 1, y: 1 }, image)).toEqual([199, 99, 1, 1]);
});

test("typing finds labels by their beginnings first, look-alikes before others", () => {
  const label = (name: string): Label => ({ id: 0, name, readable_name: name.replace(/-/g, " "), guideline: "", guideline_version: 0, rulings: [], rest: false, rest_proposed: false, parent: null, items: 0, icon: null, exemplars: [], look_alikes: [] });
  const labels = ["no-limit", "limit-80", "limit-120", "limit-8", "stop"].map(label);
  expect(fitting(labels, "lim").map((l) => l.name)).toEqual(["limit-8", "limit-80", "limit-120", "no-limit"]);
  expect(fitting(labels, "lim", ["limit-120"])[0]?.name).toBe("limit-120");
  expect(fitting(labels, "80 lim").map((l) => l.name)).toEqual(["limit-80"]);
  expect(fitting(labels, "zzz")).toEqual([]);
});
