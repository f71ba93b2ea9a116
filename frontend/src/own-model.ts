/** <own-model dataset>: send what a model of one's own says, embeddings or an ONNX encoder, and choose what ranks. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { call, get, type Page } from "./api";
import "./job-progress";
import { count, plural } from "./numbers";
import { meter, shared } from "./shared";
import { upload } from "./upload";

interface Line {
  id: number;
  name: string;
  used: boolean;
  job: number | null;
}
interface Predictions extends Line {
  holds: string[];
  items: number;
  refused: number;
  rejected: string | null;
}
interface Encoder extends Line {
  dim: number;
}
type What = "predictions" | "vectors" | "onnx";
const TAKES: Record<What, string> = { predictions: ".csv,.tsv,.jsonl,.ndjson,.parquet,.npz", vectors: ".npz,.parquet", onnx: ".onnx" };
const SAID: Record<What, string> = {
  predictions: "A row an item: key and loss, predicted, or p: and a label’s name for each label. From a model that did not learn from these very items.",
  vectors: "Arrays keys and vectors in an npz, or columns key and vector in Parquet; one of every item.",
  onnx: "One file with its weights: crops in, a vector of each out. It runs on the CPU.",
};

@customElement("own-model")
export class OwnModel extends LitElement {
  static override styles = [
    shared,
    css`
      ul { list-style: none; margin: 0 0 12px; padding: 0; } li { display: flex; gap: 4px 12px; align-items: center; padding: 9px 0; border-bottom: 1px solid var(--line); flex-wrap: wrap; }
      job-progress { flex: 1 0 100%; }
      form { display: grid; gap: 12px; } .cols { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 12px; }
      label { display: grid; gap: 3px; font-size: 12px; color: var(--soft); } label.check { display: flex; gap: 8px; align-items: center; }
      p { margin: 0; }
    `,
  ];

  @property({ type: Number, attribute: "dataset" }) of = 0;
  @state() private predictions: Predictions[] = [];
  @state() private encoders: Encoder[] = [];
  @state() private what: What = "predictions";
  @state() private share: number | null = null;
  @state() private trouble = "";

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look();
  }

  private async look(): Promise<void> {
    try {
      this.predictions = (await get<Page<Predictions>>(`/api/datasets/${this.of}/predictions/`)).results;
      this.encoders = (await get<Page<Encoder>>(`/api/datasets/${this.of}/encoders/`)).results;
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  private submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    form.set("use", form.has("use") ? "true" : "false");
    if (!form.get("pixels")) form.delete("pixels");
    this.trouble = "";
    try {
      const kind = this.what === "predictions" ? "predictions" : "encoders";
      await upload(`/api/datasets/${this.of}/${kind}/`, form, (share) => (this.share = share));
      await this.look();
    } catch (error) {
      this.trouble = (error as Error).message;
    } finally {
      this.share = null;
    }
  };

  private async rank(wish: Record<string, unknown>): Promise<void> {
    this.trouble = "";
    try {
      await call("POST", `/api/datasets/${this.of}/rankings/`, wish);
      location.reload();
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  override render(): TemplateResult {
    return html`${this.predictions.length || this.encoders.length ? html`<ul>${this.predictions.map((one) => this.said(one))}${this.encoders.map((one) => this.encoder(one))}</ul>` : nothing}
      <form @submit=${this.submit}>
        <div class="cols">
          <label>What it is<select id="what" @change=${(event: Event) => (this.what = (event.target as HTMLSelectElement).value as What)}><option value="predictions">Predictions or losses</option><option value="vectors">Embeddings</option><option value="onnx">An encoder (ONNX)</option></select></label>
          <label>Name<input name="name" id="own-name" required pattern="[a-z0-9][a-z0-9._\\-]{0,29}" title="Small letters, digits, dots and hyphens" value="model" /></label>
        </div>
        <label>File<input type="file" name="file" id="own-file" required accept=${TAKES[this.what]} /><span>${SAID[this.what]}</span></label>
        ${this.what === "onnx" ? html`<div class="cols"><label>Pixels a side<input type="number" name="pixels" min="16" max="512" placeholder="as it says itself, else 64" /></label>
          <label>Black and white are<select name="scale"><option value="unit">0 and 1</option><option value="imagenet">by ImageNet’s means</option><option value="byte">0 and 255</option></select></label></div>` : nothing}
        <label class="check"><input type="checkbox" name="use" checked /><span>${this.what === "predictions" ? "Take the suspicion from it" : "Lay the items out by it"}</span></label>
        ${this.trouble ? html`<p class="notice bad small" role="alert" id="own-trouble">${this.trouble}</p>` : nothing}
        ${this.share === null ? html`<div><button class="primary" id="own-send">Upload</button></div>` : html`<div role="status"><span class="small soft">Uploading: ${Math.round(100 * this.share)} %</span>${meter(this.share, "Upload")}</div>`}
      </form>`;
  }

  private said(one: Predictions): TemplateResult {
    const choice = one.used
      ? html`<button @click=${() => this.rank({ predictions: null })}>Use our own again</button>`
      : html`<button @click=${() => this.rank({ predictions: one.id })}>Take the suspicion from it</button>`;
    return html`<li data-predictions=${one.id}><b>${one.name}</b><span class="small soft">${one.items ? `${plural(one.items, "item")}: ${one.holds.join(", ")}` : "nothing in yet"}${one.used ? " · the suspicion is taken from it" : ""}</span>
      ${one.rejected ? html`<a class="small" href=${one.rejected} download>${plural(one.refused, "row was", "rows were")} refused (CSV)</a>` : nothing}<span class="grow"></span>${one.items ? choice : nothing}${this.job(one)}</li>`;
  }

  private encoder(one: Encoder): TemplateResult {
    return html`<li data-encoder=${one.id}><b>${one.name}</b><span class="small soft">${one.dim ? `${count(one.dim)} values a crop` : "nothing in yet"}${one.used ? " · the items are laid out by it" : ""}</span><span class="grow"></span>
      ${one.dim && !one.used ? html`<button @click=${() => this.rank({ encoder: one.name })}>Lay the items out by it</button>` : nothing}${this.job(one)}</li>`;
  }

  /** Looks again where a job ends that was seen at work: what it took in is listed then. */
  private job(one: Line): TemplateResult | typeof nothing {
    return one.job ? html`<job-progress .job=${one.job} lead quiet reload></job-progress>` : nothing;
  }
}
