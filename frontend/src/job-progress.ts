/** <job-progress job>: how far long work is, live; says when no worker runs; cancel and resume for those who may. */
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { call, get, type Job } from "./api";
import { watch } from "./live";
import { count, span } from "./numbers";
import { meter, shared } from "./shared";

const ENDED = new Set(["done", "failed", "cancelled"]);
const POLL = 4000;
const DOING: Record<Job["kind"], string> = { check: "Look before the import", import: "Import", rank: "Ranking", plan: "Planning", export: "Export", predict: "Taking in predictions", train: "Training", encoder: "Taking in the encoder", recut: "Cutting the crops anew" };

@customElement("job-progress")
export class JobProgress extends LitElement {
  static override styles = [
    shared,
    css`
      .line { display: flex; gap: 6px 12px; align-items: center; flex-wrap: wrap; margin-bottom: 6px; }
      .line b { font-weight: 600; }
      .notice { margin: 8px 0 0; }
      .moving .meter i { background: var(--accent); }
    `,
  ];

  @property({ type: Number }) job = 0;
  /** The person may cancel and resume. */
  @property({ type: Boolean }) lead = false;
  /** Load the page again when the job ends while one watches. */
  @property({ type: Boolean }) reload = false;
  /** Say nothing of a job that was done before one came. */
  @property({ type: Boolean }) quiet = false;
  @state() private now: Job | null = null;
  @state() private trouble = "";
  private watched = false;
  private stop = (): void => {};
  private timer: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = setInterval(() => this.now && !ENDED.has(this.now.state) && void this.look(), POLL);
    void this.look();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
    this.stop();
  }

  /** Another job takes the place of the one before. */
  override updated(changed: PropertyValues<this>): void {
    if (!changed.get("job")) return;
    this.stop();
    this.watched = false;
    void this.look();
  }

  private async look(): Promise<void> {
    try {
      this.take(await get<Job>(`/api/jobs/${this.job}/`));
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  private take(job: Job): void {
    if (job.id !== this.job) return;
    this.trouble = "";
    this.now = job;
    const ended = ENDED.has(job.state);
    if (!ended && !this.watched) this.stop = watch(`/ws/jobs/${this.job}/`, () => void this.look());
    if (ended) this.finish(job);
    this.watched = !ended;
  }

  /** Also where it ended before it was first looked at: whoever shows it may have asked a moment earlier. */
  private finish(job: Job): void {
    this.stop();
    this.dispatchEvent(new CustomEvent("job-ended", { detail: job, bubbles: true, composed: true }));
    if (this.watched && this.reload && job.state === "done") setTimeout(() => location.reload(), 400);
  }

  private async ask(verb: "cancel" | "resume"): Promise<void> {
    try {
      this.take(await call<Job>("POST", `/api/jobs/${this.job}/${verb}/`, {}));
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  override render(): TemplateResult | typeof nothing {
    const job = this.now;
    if (!job) return this.trouble ? html`<span class="small error">${this.trouble}</span>` : nothing;
    if (this.quiet && job.state === "done" && !job.message) return nothing;
    const share = job.state === "done" ? 1 : job.total ? job.done / job.total : null;
    const stopped = job.state === "failed" || job.state === "cancelled" || job.state === "interrupted";
    return html`<div role="status" data-state=${job.state}>
      <div class="line small"><b>${DOING[job.kind]}</b><span class="soft">${this.said(job)}</span><span class="grow"></span>
        ${this.lead && (job.state === "queued" || job.state === "running") ? html`<button id="cancel" @click=${() => this.ask("cancel")}>Cancel</button>` : nothing}
        ${this.lead && stopped ? html`<button class="primary" id="resume" @click=${() => this.ask("resume")}>${job.state === "failed" ? "Try again" : "Resume"}</button>` : nothing}</div>
      ${meter(share, DOING[job.kind])}
      ${this.notice(job)}
      ${this.trouble ? html`<p class="notice bad small">${this.trouble}</p>` : nothing}
    </div>`;
  }

  private said(job: Job): string {
    const far = job.total === null ? (job.done ? count(job.done) : "") : `${count(job.done)} of ${count(job.total)}`;
    const parts = { queued: ["waiting for a worker"], running: [job.message || "running", far], done: ["done", far], failed: ["stopped on an error"], cancelled: ["cancelled", far], interrupted: ["interrupted", far] };
    return parts[job.state].filter(Boolean).join(" · ");
  }

  private notice(job: Job): TemplateResult | typeof nothing {
    if (job.state === "failed") return html`<p class="notice bad small" id="failed">${job.message || "It stopped. Try again; what was done is kept."}</p>`;
    if (job.state === "interrupted") return html`<p class="notice small" id="interrupted">${job.message || "Its worker died."} What was done is kept; resume goes on from there.</p>`;
    if ((job.state === "queued" || job.state === "running") && !job.worker) return html`<p class="notice small" id="no-worker">No worker is running, so this waits. Whoever runs this site can start one (see “workers” in its documentation); then it goes on by itself.</p>`;
    const silent = job.heartbeat_at && job.state === "running" ? (Date.now() - Date.parse(job.heartbeat_at)) / 1000 : 0;
    if (silent > 40) return html`<p class="notice small">Its worker has said nothing for ${span(silent)}. If it died, this goes on by itself soon.</p>`;
    if ((job.state === "queued" || job.state === "done") && job.message) return html`<p class="notice small">${job.message}</p>`;
    return nothing;
  }
}
