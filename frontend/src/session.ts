/** A sitting: the assignment in hand and the one after it, saved as one goes. Templates know nothing of this. */
import { another, cropsOf, isIdle, merged, notLent, resumeOrClaim, type Assignment, type Got, type Idle, type Loaded } from "./assignments";
import { ApiError, call, get } from "./api";
import type { Crops, Wanted } from "./bundle";
import { submit, submitted, type Handed } from "./hand-in";
import { msg, str } from "./language";
import { backOff } from "./live";
import { Review, type Kept } from "./state";
import { store } from "./store";

export type Saving = "saved" | "unsaved" | "offline" | "signed-out" | "refused" | "ended";
export type Suggestion = { label: string; probability: number };

const SAVE_AFTER = 600;
const EXTEND_EVERY = 60_000;
const MERGES = 5;
const OLDEST_KEPT = 14 * 86_400_000;

export class Session {
  assignment: Assignment | null = null;
  review = new Review({ revision: 0, flags: [], seen: [] });
  crops: Crops | null = null;
  idle: Idle | null = null;
  saving: Saving = "saved";
  trouble = "";
  lapsed = false;
  busy = true;
  /** What the last hand-in answered. */
  handed: Handed | null = null;
  batches = 0;
  private next: Promise<Got> | null = null;
  /** The next one, once all its pictures are here. */
  private ready: Loaded | null = null;
  /** A hand-in that the server does not have yet. */
  private behind: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private flushing: Promise<boolean> | null = null;
  private failures = 0;
  private lastSign = Date.now();
  private clock: ReturnType<typeof setInterval>;
  private suggestions = new Map<number, Promise<Suggestion[]>>();
  private ahead = 0;

  constructor(
    readonly campaign: number,
    public wanted: Wanted,
    private changed: () => void,
  ) {
    this.clock = setInterval(() => void this.tick(), EXTEND_EVERY);
    forgetOld();
  }

  stop(): void {
    clearInterval(this.clock);
    clearTimeout(this.timer);
    this.crops?.letGo();
  }

  /** Resume what is in hand, else claim. */
  async start(): Promise<void> {
    await this.loading(() => resumeOrClaim(this.campaign, this.wanted));
  }

  /** A mark or a look was added: keep it here at once, and send it within a second. */
  touched(): void {
    this.keep();
    if (this.saving === "saved") this.saving = "unsaved";
    this.schedule(SAVE_AFTER);
    this.changed();
  }

  /** Somebody is at it: the lease may be extended. */
  sign(): void {
    const away = Date.now() - this.lastSign > EXTEND_EVERY;
    this.lastSign = Date.now();
    if (away) void this.extend();
  }

  /** Milliseconds of the lease that are left, by the server's clock. */
  get left(): number {
    return this.assignment ? new Date(this.assignment.expires_at).getTime() - (Date.now() + this.ahead) : 0;
  }

  /** Send what is unsaved; true where the server has all of it. */
  flush(): Promise<boolean> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.flushing ??= this.push().finally(() => (this.flushing = null));
    return this.flushing;
  }

  /** The page goes away: one last try that outlives it. */
  farewell(): void {
    const { assignment, review } = this;
    if (!assignment || !review.dirty) return;
    this.keep();
    void call("PUT", flagsUrl(assignment.id), review.state(), { keepalive: true }).catch(() => undefined);
  }

  /** Hand in and show the next one. False where the server did not take it; the marks stay. */
  async handIn(): Promise<boolean> {
    const { assignment, review } = this;
    if (!assignment || this.busy || this.behind) return false;
    if (this.ready && this.live(this.ready) && this.saving !== "offline" && this.saving !== "signed-out") return this.handInBehind(assignment, review, this.ready);
    this.setBusy(true);
    try {
      await this.flush();
      this.took(await submit(assignment, review));
      this.saving = "saved";
      await this.advance();
      return true;
    } catch (error) {
      this.fail(error, msg("Not handed in yet"));
      return false;
    } finally {
      this.setBusy(false);
    }
  }

  /** The next one is here already: show it at once. Until the server has the hand-in, the browser keeps its marks. */
  private async handInBehind(assignment: Assignment, review: Review, next: Loaded): Promise<boolean> {
    this.keep();
    const flushing = this.flushing;
    let refused: unknown;
    const waiting = (error: ApiError): void => {
      this.trouble = error.signedOut ? msg("The tiles before are not handed in yet: you are signed out. Sign in again; they are kept here.") : msg("The tiles before are not handed in yet: the server does not answer. They are kept here.");
      this.saving = error.signedOut ? "signed-out" : "offline";
      this.changed();
    };
    this.behind = (async () => {
      await flushing;
      try {
        this.took(await submitted(assignment, review, waiting));
        if (this.saving === "offline" || this.saving === "signed-out") this.saving = this.review.dirty ? "unsaved" : "saved";
        this.schedule(0);
      } catch (error) {
        refused = error;
        this.trouble = msg(str`The tiles before were not handed in: ${(error as Error).message}`);
      }
      this.behind = null;
      this.changed();
    })();
    this.clear();
    this.show(next);
    this.changed();
    await this.behind;
    return refused === undefined;
  }

  private took(handed: Handed): void {
    this.handed = handed;
    this.trouble = "";
    this.batches += 1;
    this.forget(handed.assignment);
  }

  private live({ assignment }: Loaded): boolean {
    return new Date(assignment.expires_at).getTime() > Date.now() + this.ahead;
  }

  /** Give the assignment back: nothing of it counts. False where the server did not take it. */
  async release(): Promise<boolean> {
    const { assignment } = this;
    if (!assignment) return false;
    clearTimeout(this.timer);
    try {
      await call("POST", `/api/assignments/${assignment.id}/release/`, {});
    } catch (error) {
      this.fail(error, msg("Not given back yet"));
      return false;
    }
    this.clear();
    this.forget(assignment.id);
    return true;
  }

  /** Go on to the next one: after a hand-in, and where this one is no longer ours. */
  async advance(): Promise<void> {
    const { next } = this;
    this.clear();
    await this.loading(async () => {
      const got = next ? await next.catch(() => null) : null;
      return got && !isIdle(got) && this.live(got)
        ? got
        : resumeOrClaim(this.campaign, this.wanted);
    });
  }

  /** Other pixels for the same tiles; the old ones stay until the new are here. */
  async resize(wanted: Wanted): Promise<void> {
    this.wanted = wanted;
    const { assignment } = this;
    if (!assignment) return;
    const crops = cropsOf(assignment, wanted);
    await crops.load().catch(() => undefined);
    if (!crops.whole || this.assignment !== assignment || this.wanted !== wanted) return crops.letGo();
    this.crops?.letGo();
    this.crops = crops;
    this.changed();
  }

  /** The pictures arrive while one flags; what the line dropped is asked for again. */
  private async fill(crops: Crops): Promise<void> {
    crops.came = () => this.changed();
    for (let failures = 0; this.crops === crops && !crops.whole; failures++) {
      try {
        await crops.load();
      } catch (error) {
        if (this.crops !== crops) return;
        if (!(error instanceof ApiError) || !error.passing) return this.fail(error, msg("Not all pictures are here"));
        this.trouble = msg("Not all pictures are here: the server does not answer. They are asked for again.");
        this.changed();
        await new Promise((resolve) => setTimeout(resolve, backOff(failures) / 2));
      }
    }
    if (this.crops !== crops) return;
    if (this.saving === "saved" || this.saving === "unsaved") this.trouble = "";
    this.changed();
    // Only now: what one looks at has the line for itself.
    this.prefetch();
  }

  private prefetch(): void {
    const { assignment } = this;
    if (!assignment || this.next) return;
    this.next = this.fetchNext(assignment);
    this.next.catch(() => undefined);
  }

  private async fetchNext(assignment: Assignment): Promise<Got> {
    await this.behind;
    const got = await another(this.campaign, assignment.id, this.wanted);
    if (isIdle(got)) return got;
    void got.crops.load().then(() => {
      if (this.assignment === assignment) this.ready = got;
      return got.crops.decode();
    }).catch(() => undefined);
    return got;
  }

  /** Five labels that a flagged tile may be; the flag must be saved first. */
  suggest(position: number): Promise<Suggestion[]> {
    let found = this.suggestions.get(position);
    if (!found) {
      found = this.fetchSuggestions(position);
      this.suggestions.set(position, found);
      found.catch(() => this.suggestions.delete(position));
    }
    return found;
  }

  private async fetchSuggestions(position: number): Promise<Suggestion[]> {
    const { assignment } = this;
    if (!assignment || !(await this.flush())) throw new ApiError(0, {});
    const url = `/api/assignments/${assignment.id}/tiles/${position}/suggestions/`;
    return (await call<{ results: Suggestion[] }>("GET", url)).results;
  }

  private async loading(work: () => Promise<Got>): Promise<void> {
    this.setBusy(true);
    try {
      this.show(await work());
    } catch (error) {
      this.fail(error, msg("Nothing to show yet"));
    } finally {
      this.setBusy(false);
    }
  }

  private show(got: Got): void {
    if (!this.behind) this.trouble = "";
    if (isIdle(got)) {
      this.idle = got;
      return;
    }
    const { assignment, crops } = got;
    this.idle = null;
    this.assignment = assignment;
    this.crops = crops;
    this.ahead = new Date(assignment.now).getTime() - Date.now();
    this.lapsed = assignment.state === "lapsed";
    this.review = new Review(assignment, kept(assignment.id));
    this.saving = this.review.dirty ? "unsaved" : "saved";
    if (this.review.dirty) this.schedule(0);
    void this.extend();
    void this.fill(crops);
  }

  private clear(): void {
    this.crops?.letGo();
    clearTimeout(this.timer);
    this.timer = undefined;
    this.assignment = null;
    this.crops = null;
    this.next = this.ready = null;
    this.suggestions.clear();
    this.lapsed = false;
  }

  private schedule(wait: number): void {
    this.timer ??= setTimeout(() => void this.flush(), wait);
  }

  private async push(): Promise<boolean> {
    const { assignment, review } = this;
    try {
      for (let turn = 0; assignment && review.dirty && turn < MERGES; turn++) await this.put(assignment, review);
    } catch (error) {
      this.fail(error, msg("Not saved yet"));
      return false;
    }
    if (this.assignment === assignment && !review.dirty) {
      this.failures = 0;
      this.saving = "saved";
      if (!this.behind) this.trouble = "";
      this.changed();
    }
    return !review.dirty;
  }

  private async put(assignment: Assignment, review: Review): Promise<void> {
    const sent = review.state();
    try {
      const answer = await call<{ revision: number; expires_at: string }>("PUT", flagsUrl(assignment.id), sent);
      review.acknowledge(sent, answer.revision);
      assignment.expires_at = answer.expires_at;
    } catch (error) {
      if (!merged(error, review)) throw error;
    }
    if (this.assignment === assignment) this.keep();
  }

  private fail(error: unknown, what: string): void {
    const failure = error instanceof ApiError ? error : new ApiError(500, { detail: String(error) });
    if (failure.passing) {
      this.saving = "offline";
      this.trouble = msg(str`${what}: the server does not answer. Your marks are kept here.`);
      clearTimeout(this.timer);
      this.timer = undefined;
      const wait = backOff(this.failures++) / 2;
      if (this.assignment) this.schedule(wait);
      else this.timer = setTimeout(() => void this.start(), wait);
    } else if (failure.signedOut) {
      this.saving = "signed-out";
      this.trouble = msg(str`${what}: you are signed out. Sign in again; your marks are kept here.`);
    } else {
      this.saving = notLent(failure) ? "ended" : "refused";
      this.trouble = `${what}: ${failure.message}`;
    }
    this.changed();
  }

  private async tick(): Promise<void> {
    if (Date.now() - this.lastSign < EXTEND_EVERY) await this.extend();
    if (this.saving === "signed-out") this.schedule(0);
    this.changed();
  }

  private async extend(): Promise<void> {
    const { assignment } = this;
    if (!assignment || this.lapsed) return;
    try {
      const answer = await call<{ expires_at: string; now: string }>("POST", `/api/assignments/${assignment.id}/extend/`, {});
      assignment.expires_at = answer.expires_at;
      this.ahead = new Date(answer.now).getTime() - Date.now();
    } catch (error) {
      if (this.assignment === assignment && error instanceof ApiError && error.status === 409) await this.ended(assignment);
    }
    this.changed();
  }

  /** It is lent no more: what was taken back unseen gives way to what comes next; what ran out can still be handed in. */
  private async ended(assignment: Assignment): Promise<void> {
    const { state } = await get<Assignment>(`/api/assignments/${assignment.id}/`).catch(() => assignment);
    if (this.assignment !== assignment) return;
    if (state === "released" && !this.review.dirty) await this.advance();
    else this.lapsed = true;
  }

  private setBusy(busy: boolean): void {
    this.busy = busy;
    this.changed();
  }

  private keep(): void {
    if (this.assignment) store(place(this.assignment.id), JSON.stringify({ ...this.review.kept(), at: Date.now() }));
  }

  private forget(assignment: number): void {
    localStorage.removeItem(place(assignment));
  }
}

const flagsUrl = (assignment: number): string => `/api/assignments/${assignment}/flags/`;
const PREFIX = "mlfix.assignment.";
const place = (assignment: number): string => PREFIX + assignment;

function kept(assignment: number): Kept | undefined {
  try {
    return (JSON.parse(localStorage.getItem(place(assignment)) ?? "null") as Kept | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Marks of assignments that were never finished do not stay forever. */
function forgetOld(): void {
  for (const name of Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))) {
    const at = (JSON.parse(localStorage.getItem(name) ?? "{}") as { at?: number }).at ?? 0;
    if (Date.now() - at > OLDEST_KEPT) localStorage.removeItem(name);
  }
}
