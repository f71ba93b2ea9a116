import { expect, test } from "vitest";
import { addressOf, changed, formOf, placeOf, queryOf, said } from "../src/slice";

test("an address says what is shown, and gives it back", () => {
  const search = "?label=speed+limit&suspicion_min=0.2&state=disputed&ordering=size&beside=stop&like=17&near=label";
  const place = placeOf(search);
  expect(place).toEqual({ slice: { label: "speed limit", suspicion_min: "0.2", state: "disputed", ordering: "size" }, beside: "stop", like: 17, near: "label" });
  expect(new URLSearchParams(addressOf(place)).toString()).toBe(new URLSearchParams(search).toString());
});

test("what an address does not know is left out, and nothing chosen is no query at all", () => {
  expect(placeOf("?like=x&near=everything&password=1")).toEqual({ slice: {}, beside: "", like: null, near: "any" });
  expect(placeOf("?like=-3").like).toBeNull();
  expect(addressOf(placeOf(""))).toBe("");
});

test("a value that the server refuses stays as it was written", () => {
  expect(queryOf(placeOf("?suspicion_min=lots").slice)).toBe("suspicion_min=lots");
});

test("a change takes a field away by an empty value and keeps the rest", () => {
  const place = changed(placeOf("?label=a&state=open&like=3"), { label: "", like: null });
  expect(addressOf(place)).toBe("?state=open");
  expect(addressOf(changed(place, { like: 4, near: "label" }))).toBe("?state=open&like=4&near=label");
});

test("each thing that is asked for is said", () => {
  const words = said(placeOf("?label=a&suspicion_max=0.5&search=x&state=none").slice, (name) => name.toUpperCase()).map((one) => one.words);
  expect(words).toEqual(["labelled A", "suspicion up to 0.5", "in no campaign yet", "“x” in the key"]);
});

test("a campaign's form is filled with what it can say, and offered for nothing else", () => {
  expect(formOf(placeOf("?label=a&predicted=b&suspicion_min=0.1&ordering=size").slice)).toBe("?slice.labels=a&slice.where.predicted=b&slice.where.suspicion_min=0.1#new-campaign");
  expect(formOf({})).toBe("#new-campaign");
  expect(formOf({ state: "open" })).toBeNull();
  expect(formOf({ search: "x" })).toBeNull();
  expect(formOf({ label: "a, b" })).toBeNull();
});
