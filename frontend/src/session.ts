/** A sitting: the assignment in hand and the one after it, saved as one goes. Templates know nothing of this. */
import { another, cropsOf, isIdle, missedChecks, notLent, resumeOrClaim, store, type Assignment, type Check, type Got, type Idle } from "./assignments";
import { ApiError, call } from "./api";
import { letGo } from "./bundle";
import { backOff } from "./live";
import { Review, type Kept, type Saved } from "./state";

export type Saving = "saved" | "unsaved" | "offline" | "signed-out" | "refused" | "ended";
export type Suggestion = { label: string; probability: number };

const SAVE_AFTER = 600;
const EXTEND_EVERY = 60_000;
const MERGES = 5;
const OLDEST_KEPT = 14 * 86_400_000;

export class Session {
  assignment: Assignment | null = null;
  review = new Review({ revision: 0, flags: [], seen: [] });
  crops: (string | null)[] = [];
  idle: Idle | null = null;
  saving: Saving = "saved";
  trouble = "";
  lapsed = false;
  busy = true;
  /** What the last hand-in answered. */
  handed: { assignment: number; counted: number; surplus: number; missed: Check[] } | null = null;
  batches = 0;
  private next: Promise<Got> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private flushing: Promise<boolean> | null = null;
  private failures = 0;
  private lastSign = Date.now();
  private clock: ReturnType<typeof setInterval>;
  private suggestions = new Map<number, Promise<Suggestion[]>>();
  private ahead = 0;

  constructor(
    readonly campaign: number,
    public size: 128 | 320,
    private changed: () => void,
  ) {
    this.clock = setInterval(() => void this.tick(), EXTEND_EVERY);
    forgetOld();
  }

  stop(): void {
    clearInterval(this.clock);
    clearTimeout(this.timer);
    letGo(this.crops);
  }

  /** Resume what is in hand, else claim. */
  async start(): Promise<void> {
    await this.loading(() => resumeOrClaim(this.campaign, this.size));
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
    const { assignment } = this;
    if (!assignment || this.busy) return false;
    this.setBusy(true);
    try {
      await this.flush();
      const answer = await this.submit(assignment);
      // Before the next one is shown, so that its tiles do not move once they are there.
      this.handed = { assignment: assignment.id, ...answer, missed: await missedChecks(assignment.id) };
      this.saving = "saved";
      this.batches += 1;
      this.forget(assignment.id);
      await this.advance();
      return true;
    } catch (error) {
      this.fail(error, "Not handed in yet");
      return false;
    } finally {
      this.setBusy(false);
    }
  }

  /** Give the assignment back: nothing of it counts. False where the server did not take it. */
  async release(): Promise<boolean> {
    const { assignment } = this;
    if (!assignment) return false;
    clearTimeout(this.timer);
    try {
      await call("POST", `/api/assignments/${assignment.id}/release/`, {});
    } catch (error) {
      this.fail(error, "Not given back yet");
      return false;
    }
    this.clear();
    this.forget(assignment.id);
    return true;
  }

  /** Go on to the next one: after a hand-in, and where this one is no longer ours. */
  async advance(): Promise<void> {
    const next = this.next;
    this.next = null;
    this.clear();
    await this.loading(async () => {
      const got = next ? await next.catch(() => null) : null;
      return got && !isIdle(got) && new Date(got.assignment.expires_at).getTime() > Date.now() + this.ahead
        ? got
        : resumeOrClaim(this.campaign, this.size);
    });
  }

  /** Other pixels for the same tiles. */
  async resize(size: 128 | 320): Promise<void> {
    this.size = size;
    const { assignment } = this;
    if (!assignment) return;
    const crops = await cropsOf(assignment.id, size).catch(() => null);
    if (!crops || this.assignment !== assignment) return;
    letGo(this.crops);
    this.crops = crops;
    this.changed();
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
      this.fail(error, "Nothing to show yet");
    } finally {
      this.setBusy(false);
    }
  }

  private show(got: Got): void {
    this.trouble = "";
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
    this.next = another(this.campaign, assignment.id, this.size);
    this.next.catch(() => undefined);
  }

  private clear(): void {
    letGo(this.crops);
    clearTimeout(this.timer);
    this.timer = undefined;
    this.assignment = null;
    this.crops = [];
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
      this.fail(error, "Not saved yet");
      return false;
    }
    if (this.assignment === assignment && !review.dirty) {
      this.failures = 0;
      this.saving = "saved";
      this.trouble = "";
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

  private async submit(assignment: Assignment): Promise<{ counted: number; surplus: number }> {
    for (let turn = 0; ; turn++) {
      try {
        return await call("POST", `/api/assignments/${assignment.id}/submit/`, this.review.state());
      } catch (error) {
        if (turn >= MERGES || !merged(error, this.review)) throw error;
      }
    }
  }

  private fail(error: unknown, what: string): void {
    const failure = error instanceof ApiError ? error : new ApiError(500, { detail: String(error) });
    if (failure.passing) {
      this.saving = "offline";
      this.trouble = `${what}: the server does not answer. Your marks are kept here.`;
      clearTimeout(this.timer);
      this.timer = undefined;
      const wait = backOff(this.failures++) / 2;
      if (this.assignment) this.schedule(wait);
      else this.timer = setTimeout(() => void this.start(), wait);
    } else if (failure.signedOut) {
      this.saving = "signed-out";
      this.trouble = `${what}: you are signed out. Sign in again; your marks are kept here.`;
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
      if (this.assignment === assignment && error instanceof ApiError && error.status === 409) this.lapsed = true;
    }
    this.changed();
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

/** A conflict that brought the server's state is merged; false for any other error. */
function merged(error: unknown, review: Review): boolean {
  if (!(error instanceof ApiError) || error.status !== 409 || !Array.isArray(error.body["flags"])) return false;
  review.merge(error.body as unknown as Saved);
  return true;
}

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
