/** What the explorer shows, as its address says it: a slice, its order, and what lies beside it. Values stay as they were written, so that the server can say what is wrong with one. */

export const ORDERINGS = {
  blend: "Suspected first, look-alikes side by side",
  similarity: "Look-alikes side by side",
  suspicion: "Most suspected first",
  loss: "Largest loss first",
  outliers: "Oddest look first",
  size: "Largest first",
  row: "As imported",
} as const;
export const STATES = { none: "In no campaign yet", open: "Open", clean: "Clean", fix: "To be fixed", disputed: "Disputed", unclear: "Unclear", removed: "Removed" } as const;
/** From here a label is more probably wrong than right. */
export const SUSPECTED = 0.5;
export const FIELDS = ["label", "predicted", "suspicion_min", "suspicion_max", "pixels_min", "pixels_max", "state", "search"] as const;
export type Field = (typeof FIELDS)[number];
/** What is asked for; a field that is not here lets everything through. */
export type Slice = Partial<Record<Field | "ordering", string>>;
export interface Place {
  slice: Slice;
  /** A label whose items are laid out beside the slice. */
  beside: string;
  /** An item whose like are laid out beside it, of its own label or of any. */
  like: number | null;
  near: "any" | "label";
}
/** What changes; "" takes a field away. */
export type Change = Slice & Partial<Omit<Place, "slice">>;

export function placeOf(search: string): Place {
  const given = new URLSearchParams(search);
  const like = Number(given.get("like"));
  const slice: Slice = {};
  for (const name of [...FIELDS, "ordering"] as const) if (given.get(name)) slice[name] = given.get(name)!;
  return { slice, beside: given.get("beside") ?? "", like: Number.isSafeInteger(like) && like > 0 ? like : null, near: given.get("near") === "label" ? "label" : "any" };
}

export function changed(place: Place, { beside = place.beside, like = place.like, near = place.near, ...fields }: Change): Place {
  const slice = Object.fromEntries(Object.entries({ ...place.slice, ...fields }).filter(([, value]) => value)) as Slice;
  return { slice, beside, like, near };
}

/** What follows the "?" of a request for the slice. */
export function queryOf(slice: Slice): string {
  return new URLSearchParams(slice as Record<string, string>).toString();
}

/** What follows the page's path: "" where nothing is chosen. */
export function addressOf({ slice, beside, like, near }: Place): string {
  const query = new URLSearchParams(slice as Record<string, string>);
  if (beside) query.set("beside", beside);
  if (like !== null) query.set("like", String(like));
  if (like !== null && near === "label") query.set("near", near);
  return query.size ? `?${query}` : "";
}

/** Each thing that the slice asks for: its field and how a person says it. */
export function said(slice: Slice, readable: (name: string) => string): { field: Field; words: string }[] {
  const words: Record<Field, (value: string) => string> = {
    label: (name) => `labelled ${readable(name)}`,
    predicted: (name) => `taken for ${readable(name)}`,
    suspicion_min: (value) => `suspicion from ${value}`,
    suspicion_max: (value) => `suspicion up to ${value}`,
    pixels_min: (value) => `from ${value} pixels`,
    pixels_max: (value) => `up to ${value} pixels`,
    state: (value) => (STATES[value as keyof typeof STATES] ?? value).toLowerCase(),
    search: (value) => `“${value}” in the key`,
  };
  return FIELDS.flatMap((field) => (slice[field] ? [{ field, words: words[field](slice[field]) }] : []));
}

/** What the form of a campaign takes of the slice, as its address; null where it cannot say it. */
export function formOf(slice: Slice): string | null {
  const names = [slice.label, slice.predicted];
  // The form's lists have commas between their names.
  if (slice.pixels_min || slice.pixels_max || slice.state || slice.search || names.some((name) => name?.includes(","))) return null;
  const form = new URLSearchParams();
  if (slice.label) form.set("slice.labels", slice.label);
  if (slice.predicted) form.set("slice.where.predicted", slice.predicted);
  if (slice.suspicion_min) form.set("slice.where.suspicion_min", slice.suspicion_min);
  if (slice.suspicion_max) form.set("slice.where.suspicion_max", slice.suspicion_max);
  return form.size ? `?${form}#new-campaign` : "#new-campaign";
}
