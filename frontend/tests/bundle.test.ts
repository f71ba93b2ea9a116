import { expect, test } from "vitest";
import { Parser, wantedFor, type Crop } from "../src/bundle";

function bundle(...crops: number[][]): ArrayBuffer {
  const head = new Uint32Array([crops.length, ...crops.map((c) => c.length)]);
  return Uint8Array.from([...new Uint8Array(head.buffer), ...crops.flat()]).buffer;
}

/** The pictures of a bundle that arrives in pieces of so many bytes. */
function parsed(buffer: ArrayBuffer, piece = buffer.byteLength || 1): Crop[] {
  const parser = new Parser();
  const crops: Crop[] = [];
  for (let at = 0; at < buffer.byteLength; at += piece) crops.push(...parser.push(new Uint8Array(buffer.slice(at, at + piece))));
  parser.end();
  return crops;
}

test("crops come out in order, a missing one as null, however the bytes arrive", () => {
  const whole = bundle([1, 2, 3], [], [9]);
  for (let piece = 1; piece <= whole.byteLength; piece++)
    expect(parsed(whole, piece).map((c) => c && [...c])).toEqual([[1, 2, 3], null, [9]]);
});

test("a picture is given as soon as its bytes are here", () => {
  const whole = new Uint8Array(bundle([1, 2, 3], [4, 5]));
  const parser = new Parser();
  expect(parser.push(whole.slice(0, 14))).toHaveLength(0);
  expect(parser.push(whole.slice(14, 16))).toHaveLength(1);
  expect(parser.push(whole.slice(16))).toHaveLength(1);
});

test("an empty bundle holds nothing", () => {
  expect(parsed(bundle())).toEqual([]);
});

test("a cut or padded bundle is refused", () => {
  const whole = bundle([1, 2, 3], [4]);
  for (let n = 0; n < whole.byteLength; n++) expect(() => parsed(whole.slice(0, n))).toThrow("cut short");
  expect(() => parsed(Uint8Array.from([...new Uint8Array(whole), 0]).buffer)).toThrow("more bytes");
});

test("large tiles and sharp screens get the large crops, later where data is dear", () => {
  expect(wantedFor(92, 1, false)).toEqual({ size: 128, lean: false });
  expect(wantedFor(92, 2, false).size).toBe(320);
  expect(wantedFor(200, 1, false).size).toBe(320);
  expect(wantedFor(92, 2, true)).toEqual({ size: 128, lean: true });
  expect(wantedFor(200, 2, true).size).toBe(320);
});
