/** Put a float beside its tile, above it where there is room: what lies above has been looked at. */
const GAP = 10;
const HEADER = 76;
const FOOTER = 56;
const EDGE = 12;

/** `frame` is the positioned element that the float lies in. */
export function place(float: HTMLElement, tile: HTMLElement, frame: HTMLElement): void {
  const [box, outer] = [tile.getBoundingClientRect(), frame.getBoundingClientRect()];
  const [width, height] = [float.offsetWidth, float.offsetHeight];
  const above = box.top - height - GAP;
  const top = above > HEADER ? above : Math.min(box.bottom + GAP, innerHeight - height - FOOTER);
  const overlaps = top + height > box.top - 4 && top < box.bottom + 4;
  const beside = box.right + GAP + width < outer.right ? box.right + GAP : box.left - width - GAP;
  const centred = Math.max(outer.left + EDGE, Math.min(box.left + box.width / 2 - width / 2, outer.right - width - EDGE));
  float.style.left = `${(overlaps ? beside : centred) - outer.left}px`;
  float.style.top = `${top - outer.top}px`;
}
