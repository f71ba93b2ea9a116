/** What the desk asks of the server, for one campaign. */
import { all, ApiError, call, get } from "./api";
import type { Case, Decision, Desk } from "./cases";

const AT_ONCE = 200;
export const MORE_LOOKS = 2;

export interface Settled {
  settled: { verdict: number; id: number }[];
  overtaken: { verdict: number; detail: string }[];
}
/** A decision as it stood, so that it can be taken back. */
export interface Standing {
  verdict: number;
  if_resolution: number;
}

export class DeskApi {
  private said: Promise<unknown> = Promise.resolve();

  constructor(readonly campaign: number) {}

  private url(path: string): string {
    return `/api/campaigns/${this.campaign}/${path}/`;
  }

  desk(): Promise<Desk> {
    return get<Desk>(this.url("desk"));
  }

  /** The cases of these ids that are in dispute still, in their order. */
  async cases(ids: readonly number[]): Promise<Case[]> {
    const found = new Map<number, Case>();
    for (const some of parts(ids)) for (const one of (await all<Case>(`${this.url("disputes")}?verdicts=${some.join(",")}`)).results) found.set(one.id, one);
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  settle(decision: Decision, verdicts: readonly number[]): Promise<Settled> {
    return call<Settled>("POST", this.url("resolutions"), { ...decision, cases: verdicts.map((verdict) => ({ verdict })) });
  }

  /** One box on one photo, by the route of a single case. */
  async redraw(verdict: number, decision: Decision): Promise<Settled> {
    try {
      const { id } = await call<{ id: number }>("POST", `/api/verdicts/${verdict}/resolution/`, decision);
      return { settled: [{ verdict, id }], overtaken: [] };
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return { settled: [], overtaken: [{ verdict, detail: error.message }] };
      throw error;
    }
  }

  reopen(cases: readonly Standing[]): Promise<Settled> {
    return call<Settled>("POST", this.url("reopen"), { cases });
  }

  askAgain(verdicts: readonly number[]): Promise<unknown> {
    return call("POST", this.url("more-looks"), { verdicts, looks: MORE_LOOKS });
  }

  /** Settle unseen what the consensus has an answer to; `told` hears of each part that is done. */
  async accept(verdicts: readonly number[], told: (part: Settled) => void): Promise<void> {
    for (const some of parts(verdicts)) told(await call<Settled>("POST", this.url("accept"), { verdicts: some }));
  }

  /** What is like these and open still; of a label, only what may be that. */
  async lookAlikes(verdicts: readonly number[], label: string | undefined): Promise<Case[]> {
    const of = label ? `&label=${encodeURIComponent(label)}` : "";
    return (await get<{ results: Case[] }>(`${this.url("look-alikes")}?verdicts=${verdicts.slice(0, AT_ONCE).join(",")}${of}`)).results;
  }

  /** Say what one has before one, for other supervisors to see, each after what was said before; nothing is lost where
   * that fails. `last`: the page goes, and waits for nothing. */
  stand(verdicts: readonly number[], last = false): void {
    const say = () => call("PUT", this.url("desk"), { verdicts: verdicts.slice(0, AT_ONCE) }, { keepalive: last }).catch(() => undefined);
    this.said = last ? say() : this.said.then(say);
  }
}

function parts(ids: readonly number[]): number[][] {
  return Array.from({ length: Math.ceil(ids.length / AT_ONCE) }, (_, k) => ids.slice(k * AT_ONCE, (k + 1) * AT_ONCE));
}
