import { expect, test } from "vitest";
import { parseBundle, sizeFor } from "../src/bundle";

function bundle(...crops: number[][]): ArrayBuffer {
  const head = new Uint32Array([crops.length, ...crops.map((c) => c.length)]);
  return Uint8Array.from([...new Uint8Array(head.buffer), ...crops.flat()]).buffer;
}

test("crops come out in order, a missing one as null", () => {
  const crops = parseBundle(bundle([1, 2, 3], [], [9]));
  expect(crops.map((c) => c && [...c])).toEqual([[1, 2, 3], null, [9]]);
});

test("an empty bundle holds nothing", () => {
  expect(parseBundle(bundle())).toEqual([]);
});

test("a cut or padded bundle is refused", () => {
  const whole = bundle([1, 2, 3], [4]);
  for (let n = 0; n < whole.byteLength; n++) expect(() => parseBundle(whole.slice(0, n))).toThrow("cut short");
  expect(() => parseBundle(Uint8Array.from([...new Uint8Array(whole), 0]).buffer)).toThrow("more bytes");
});

test("large tiles and sharp screens get the large crops", () => {
  expect(sizeFor(92, 1)).toBe(128);
  expect(sizeFor(92, 2)).toBe(320);
  expect(sizeFor(200, 1)).toBe(320);
});
