/** What is known of items, fetched for what is near the screen and kept. */
import { get } from "./api";

export interface Item {
  id: number;
  key: string;
  label: string;
  predicted: string | null;
  suspicion: number | null;
  loss: number | null;
  suggestions: { label: string; probability: number }[];
  probability: number | null;
  state: string | null;
  attributes: Record<string, unknown>;
  crop: string;
  context: string;
  width: number;
  height: number;
}
const AT_ONCE = 128;
const KEPT = 20_000;

export class Details {
  private known = new Map<number, Item>();
  private coming = new Set<number>();

  constructor(private dataset: number) {}

  get(id: number): Item | undefined {
    return this.known.get(id);
  }

  /** Fetch what is not known yet; the same item is not asked for twice at once. Raises ApiError. */
  async need(ids: readonly number[]): Promise<void> {
    const missing = ids.filter((id) => !this.known.has(id) && !this.coming.has(id));
    for (const id of missing) this.coming.add(id);
    try {
      for (let start = 0; start < missing.length; start += AT_ONCE) {
        const some = missing.slice(start, start + AT_ONCE);
        const { results } = await get<{ results: Item[] }>(`/api/datasets/${this.dataset}/slice/items/?ids=${some.join(",")}`);
        for (const item of results) this.known.set(item.id, item);
      }
    } finally {
      for (const id of missing) this.coming.delete(id);
    }
    for (const id of this.known.keys()) {
      if (this.known.size <= KEPT) return;
      this.known.delete(id);
    }
  }
}
